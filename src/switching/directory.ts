import type { ModelKind } from '../contract/index.ts'
import type { ListedModel, Provider } from '../providers/provider.ts'

/** The providers as switching sees them, in the order of the configuration. */
export interface Directory {
  providers(): readonly Provider[]
  provider(id: string): Provider | undefined
  /** The kind, as the user's overrule says or else as the engine does. */
  kindOf(provider: string, model: ListedModel): ModelKind
}

/** Free and total memory for models, RAM and GPU together, in bytes; undefined is unknown. */
export type MemoryReader = () => Promise<{ free: number; total: number } | undefined>
