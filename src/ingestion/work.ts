/** What the stages of one job share: what is kept of it, how it is told, and when it is to stop. */
import type { JobStage, WaitReason } from '../contract/index.ts'
import type { JobRecord } from './job-record.ts'
import type { Patience } from './patience.ts'
import type { Ports } from './ports.ts'
import type { Queue } from './queue.ts'

export interface Progress {
  readonly bytesDone: number
  readonly bytesTotal?: number | undefined
  readonly bytesPerSecond?: number | undefined
  readonly note?: string | undefined
}

export interface Work {
  readonly ports: Ports
  readonly queue: Queue
  readonly patience: Patience
  readonly signal: AbortSignal
  /** As it is now. */
  record(): JobRecord
  /** Keeps a change before it resolves; nobody is told. */
  keep(change: (record: JobRecord) => JobRecord): Promise<void>
  /** The job enters a stage: kept and told. */
  enter(stage: JobStage): Promise<void>
  /** It waits for something, or goes on: told. */
  waits(reason: WaitReason | undefined, note?: string): void
  progress(progress: Progress): void
  /** One at a time for the same bytes, over all jobs. */
  publishing(sha256: string, act: () => Promise<void>): Promise<void>
}
