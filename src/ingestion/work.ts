/** What the stages of one job share: what is kept of it, how it is told, and when it is to stop. */
import type { JobStage, ModelyardError, WaitReason } from '../contract/index.ts'
import type { JobRecord } from './job-record.ts'
import type { Patience } from './patience.ts'
import type { Ports } from './ports.ts'
import type { Queue } from './queue.ts'

/** What is not said stays as it was. */
export interface Progress {
  readonly bytesDone?: number | undefined
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
  /** Tells other homes that share the library what this one counts on, before it does. */
  tellWanted(): Promise<void>
  /** The other jobs of this home, oldest first. */
  others(): readonly JobRecord[]
  /** As `keep`, of another job. */
  keepOther(id: string, change: (record: JobRecord) => JobRecord): Promise<void>
  /** The job enters a stage: kept and told. */
  enter(stage: JobStage): Promise<void>
  /** It waits for something, or goes on: told. */
  waits(reason: WaitReason | undefined, note?: string): void
  /** The same, from an error that is waited out. */
  onWait(reason: WaitReason | undefined, error?: ModelyardError): void
  progress(progress: Progress): void
  /** One at a time for the same bytes, over all jobs. */
  publishing<T>(sha256: string, act: () => Promise<T>): Promise<T>
}

/** Tells how far something has come that is not counted in bytes of the job. */
export const share =
  ({ progress }: Work, what: string) =>
  (done: number, total: number): void =>
    progress({ note: `${what}: ${Math.floor((done / total) * 100)} %` })
