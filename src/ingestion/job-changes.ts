/** How a job becomes another: pure. */
import type { Job, JobRequest, JobResult, JobStage, ModelyardError, WaitReason } from '../contract/index.ts'
import type { JobRecord } from './job-record.ts'
import { sourceOf } from './make-plan.ts'
import type { Progress } from './work.ts'

/** What is told only while something goes on. */
type Passing = 'waitingFor' | 'note' | 'bytesPerSecond' | 'secondsLeft'
const passing: readonly Passing[] = ['waitingFor', 'note', 'bytesPerSecond', 'secondsLeft']

export function newRecord(id: string, request: JobRequest, key: string, at: string): JobRecord {
  const kind = 'from' in request ? 'engine-pull' : 'ref' in request ? 'share' : 'path' in request ? 'import' : 'ingest'
  const job: Job = {
    id,
    kind,
    state: 'running',
    stage: 'resolve',
    source: sourceOf(request),
    files: [],
    into: request.into ?? [],
    bytesDone: 0,
    createdAt: at,
    updatedAt: at,
  }
  return { job, request, key, imports: [], put: [] }
}

export const entered = (job: Job, stage: JobStage): Job => ({ ...quiet(job), state: 'running', stage })
export const paused = (job: Job): Job => ({ ...quiet(job), state: 'paused' })
export const goingOn = (job: Job): Job => ({ ...quiet(job), state: 'running' })
export const cancelled = (job: Job, note?: string): Job => ({ ...quiet(job), state: 'cancelled', ...(note !== undefined && { note }) })

export const succeeded = (job: Job, result: JobResult, note?: string): Job => ({
  ...quiet(job),
  state: 'succeeded',
  stage: 'done',
  result,
  ...(note !== undefined && { note }),
})

/** What succeeded before it is named. */
export function failed(job: Job, error: ModelyardError, result: JobResult): Job {
  const { code, message, hint, retryable, details } = error.toBody()
  return {
    ...quiet(job),
    state: 'failed',
    error: { code, message, hint, retryable, ...(details && { details }) },
    ...(result.refs.length > 0 && { result }),
  }
}

export function waiting(job: Job, reason: WaitReason | undefined, note: string | undefined): Job {
  if (reason === undefined) return goingOn(job)
  return { ...quiet(job), state: 'waiting', waitingFor: reason, ...(note !== undefined && { note }) }
}

export function progressed(job: Job, { bytesDone = job.bytesDone, bytesTotal = job.bytesTotal, bytesPerSecond, note }: Progress): Job {
  const speed = bytesPerSecond !== undefined && bytesPerSecond >= 1 ? bytesPerSecond : undefined
  const left = speed !== undefined && bytesTotal !== undefined ? Math.max(0, (bytesTotal - bytesDone) / speed) : undefined
  const { waitingFor } = job
  return {
    ...quiet(job),
    ...(waitingFor !== undefined && { waitingFor }),
    bytesDone,
    ...(bytesTotal !== undefined && { bytesTotal }),
    ...(speed !== undefined && { bytesPerSecond: Math.round(speed) }),
    ...(left !== undefined && { secondsLeft: Math.round(left) }),
    ...(note !== undefined && { note }),
  }
}

const quiet = (job: Job): Omit<Job, Passing> =>
  Object.fromEntries(Object.entries(job).filter(([key]) => !passing.includes(key as Passing))) as Omit<Job, Passing>
