/** What the header of a GGUF file says that anybody here needs. Absent is unknown. */
import type { CacheShape } from '../model-memory.ts'

export interface GgufSummary {
  readonly architecture?: string | undefined
  readonly name?: string | undefined
  /** By `general.file_type`. */
  readonly quantization?: string | undefined
  /** The longest it was trained for. */
  readonly contextLength?: number | undefined
  readonly template?: string | undefined
  readonly parameters?: number | undefined
  /** The shape of its context cache, where it is of the simple kind. */
  readonly cache?: CacheShape | undefined
  /** 1-based; absent for a file that is whole by itself. */
  readonly shard?: { readonly index: number; readonly count: number } | undefined
  readonly role: 'model' | 'projector' | 'adapter' | 'other'
}
