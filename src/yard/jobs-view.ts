/** Jobs as the doors see them: checked requests in, handles out. */
import { type JobRequest, jobRequest, ModelyardError } from '../contract/index.ts'
import type { Ingestion } from '../ingestion/jobs.ts'
import { createJobHandle, type JobSources } from './jobs.ts'
import type { Jobs } from './yard.ts'

export interface JobsViewOptions extends Omit<JobSources, 'get'> {
  readonly ingestion: Ingestion
}

export function createJobsView({ ingestion, ...rest }: JobsViewOptions): Jobs {
  const sources: JobSources = { ...rest, get: ingestion.get }
  return {
    preflight: (request, { signal } = {}) =>
      ingestion.preflight(checked(request), signal ? AbortSignal.any([signal, rest.closing]) : rest.closing),
    async start(request) {
      const { id, fresh } = await ingestion.start(checked(request))
      return createJobHandle(sources, id, fresh)
    },
    list: ingestion.list,
    get: ingestion.get,
    handle: (id) => createJobHandle(sources, id, false),
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
