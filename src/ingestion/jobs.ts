/** What can be asked of jobs; see the yard's `Jobs` for what each means. */
import type { Job, JobPlan, JobRequest } from '../contract/index.ts'
import type { Patience } from './patience.ts'
import type { Ports } from './ports.ts'

export interface JobsOptions {
  readonly ports: Ports
  readonly downloadsAtOnce: number
  readonly patience?: Patience | undefined
  /** Tells of jobs and does none. */
  readonly readOnly?: boolean | undefined
}

export interface Ingestion {
  preflight(request: JobRequest, signal: AbortSignal): Promise<JobPlan>
  start(request: JobRequest): Promise<{ readonly id: string; readonly fresh: boolean }>
  /** Newest first. */
  list(): Job[]
  get(id: string): Job
  pause(id: string): Promise<Job>
  resume(id: string): Promise<Job>
  cancel(id: string, partial: 'keep' | 'remove'): Promise<Job>
  /** Hashes that jobs which have not ended want. */
  wanted(): ReadonlySet<string>
  setDownloadsAtOnce(places: number): void
  /** Those of an earlier run go on. */
  goOn(): void
  /** What runs stops where it is, and goes on with the next start. */
  close(): Promise<void>
}
