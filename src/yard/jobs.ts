/** Jobs as the doors see them: checked requests, and handles that can be followed to the end. */
import { type Job, type JobRequest, jobRequest, ModelyardError, type YardEvent } from '../contract/index.ts'
import type { Ingestion } from '../ingestion/jobs.ts'
import type { Cancellable, EventQuery, JobHandle, Jobs } from './yard.ts'

export interface JobsViewOptions {
  readonly ingestion: Ingestion
  readonly events: (query?: EventQuery) => AsyncIterable<YardEvent>
  readonly closing: AbortSignal
}

export function createJobsView({ ingestion, events, closing }: JobsViewOptions): Jobs {
  const handle = (id: string, fresh = false): JobHandle => ({
    id,
    fresh,
    get: () => ingestion.get(id),
    events: ({ signal } = {}) => follow(id, { ingestion, events, closing }, signal),
    async ended({ signal } = {}) {
      for await (const event of follow(id, { ingestion, events, closing }, signal)) if (event.type === 'job.finished') return event.job
      signal?.throwIfAborted()
      throw new ModelyardError('interrupted', 'The service is shutting down; the job goes on with its next start.')
    },
  })
  return {
    preflight: (request, { signal }: Cancellable = {}) =>
      ingestion.preflight(checked(request), signal ? AbortSignal.any([signal, closing]) : closing),
    async start(request) {
      const { id, fresh } = await ingestion.start(checked(request))
      return handle(id, fresh)
    },
    list: ingestion.list,
    get: ingestion.get,
    handle(id) {
      ingestion.get(id)
      return handle(id)
    },
    pause: ingestion.pause,
    resume: ingestion.resume,
    cancel: (id, { partial = 'keep' } = {}) => ingestion.cancel(id, partial),
  }
}

function checked(request: JobRequest): JobRequest {
  const read = jobRequest.safeParse(request)
  if (read.success) return read.data
  throw new ModelyardError('invalid_request', `The request is not valid: ${read.error.issues[0]?.message ?? 'unknown form'}.`, {
    hint: 'Give one of "repo", "catalog", "name" with "from", "ref", or "path".',
  })
}

const hasEnded = ({ state }: Job): boolean => state === 'succeeded' || state === 'failed' || state === 'cancelled'

/** `snapshot`, what happens to it, `job.finished`; of a job that has ended already the first and the last. */
async function* follow(id: string, { ingestion, events }: JobsViewOptions, signal: AbortSignal | undefined): AsyncGenerator<YardEvent> {
  for await (const event of events({ job: id, signal })) {
    yield event
    if (event.type === 'job.finished') return
    if (event.type !== 'snapshot') continue
    const job = ingestion.get(id)
    if (!hasEnded(job)) continue
    yield { type: 'job.finished', seq: event.seq, at: event.at, job }
    return
  }
}
