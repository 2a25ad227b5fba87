/** What the effects of a switch work with. */
import { ModelyardError } from '../contract/index.ts'
import type { Provider } from '../providers/provider.ts'
import type { Directory, MemoryReader } from './directory.ts'
import type { Run } from './machine-state.ts'
import type { SwitchStore, Target } from './ports.ts'
import type { SlotRuntime } from './slot-runtime.ts'
import type { Turns } from './turns.ts'

export interface Workshop {
  readonly store: SwitchStore
  readonly directory: Directory
  readonly memory: MemoryReader
  readonly turns: Turns
  readonly now: () => number
  /** What serves, or is remembered for, the other slots. */
  readonly elsewhere: (slot: SlotRuntime) => readonly Target[]
  readonly onProgress: (slot: SlotRuntime, run: Run, share: number) => void
}

export function providerOf(directory: Directory, id: string): Provider {
  const provider = directory.provider(id)
  if (provider) return provider
  throw new ModelyardError('provider_not_found', `There is no provider "${id}" any more.`)
}
