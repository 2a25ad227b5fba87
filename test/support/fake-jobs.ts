/** Jobs that do what a test says: nothing is fetched, everything is told. */
import {
  type EventInput,
  type Job,
  type JobPlan,
  type JobRequest,
  type JobStage,
  jobHasEnded,
  ModelyardError,
} from '../../src/contract/index.ts'
import { newRecord } from '../../src/ingestion/job-changes.ts'
import { sourceOf } from '../../src/ingestion/make-plan.ts'
import { createJobHandle, type JobSources } from '../../src/yard/jobs.ts'
import type { Jobs } from '../../src/yard/yard.ts'

export interface FakeJobs extends Jobs {
  /** What was asked for, in order. */
  readonly requests: readonly JobRequest[]
  /** What `start` gives next, in order; then `job-1`, `job-2`. */
  readonly ids: string[]
  /** What `preflight` and `start` throw from now on. */
  refuse(error: ModelyardError | undefined): void
  /** What `preflight` says beyond the usual. */
  plan: Partial<JobPlan>
  /** Called for every job that begins, after its caller has been answered. */
  script: (id: string) => void | Promise<void>
  enter(id: string, stage: JobStage, more?: Partial<Job>): void
  progress(id: string, bytesDone: number, more?: Partial<Job>): void
  finish(id: string, state: 'succeeded' | 'failed' | 'cancelled', more?: Partial<Job>): void
}

export interface FakeJobsOptions extends Omit<JobSources, 'get'> {
  readonly emit: (event: EventInput) => void
}

export function fakeJobs({ emit, ...sources }: FakeJobsOptions): FakeJobs {
  const known = new Map<string, Job>()
  const requests: JobRequest[] = []
  let refusal: ModelyardError | undefined
  let count = 0

  const get = (id: string): Job => {
    const job = known.get(id)
    if (!job) throw new ModelyardError('job_not_found', `There is no job "${id}".`)
    return job
  }
  const change = (id: string, more: Partial<Job>): Job => {
    const job = { ...get(id), ...more, updatedAt: new Date().toISOString() }
    known.set(id, job)
    return job
  }
  const tell = (id: string, more: Partial<Job>): Job => {
    const job = change(id, more)
    emit({ type: 'job.stage', id, job })
    return job
  }
  const open = (id: string): void => {
    if (jobHasEnded(get(id))) throw new ModelyardError('conflict', `The job "${id}" has ended.`)
  }
  const begin = (request: JobRequest): Job => {
    const at = new Date().toISOString()
    const { job } = newRecord(fake.ids.shift() ?? `job-${++count}`, request, '', at)
    known.set(job.id, job)
    emit({ type: 'job.created', job })
    setImmediate(() => void fake.script(job.id))
    return job
  }

  const fake: FakeJobs = {
    requests,
    ids: [],
    plan: {},
    script: () => {},
    refuse(error) {
      refusal = error
    },
    enter: (id, stage, more = {}) => void tell(id, { ...more, stage }),
    progress(id, bytesDone, more = {}) {
      const { stage, bytesTotal, bytesPerSecond, secondsLeft, note } = change(id, { ...more, bytesDone })
      emit({ type: 'job.progress', id, stage, bytesDone, bytesTotal, bytesPerSecond, secondsLeft, note })
    },
    finish: (id, state, more = {}) =>
      void emit({ type: 'job.finished', job: change(id, { stage: state === 'succeeded' ? 'done' : get(id).stage, ...more, state }) }),
    async preflight(request) {
      if (refusal) throw refusal
      return {
        kind: 'ingest',
        source: sourceOf(request),
        files: [],
        downloadBytes: 0,
        imports: [],
        volumes: [],
        warnings: [],
        ...fake.plan,
      }
    },
    async start(request) {
      if (refusal) throw refusal
      requests.push(request)
      const same = [...known.values()].find((one) => !jobHasEnded(one) && JSON.stringify(one.source) === JSON.stringify(sourceOf(request)))
      return createJobHandle({ ...sources, get }, (same ?? begin(request)).id, same === undefined)
    },
    list: () => [...known.values()].reverse(),
    get,
    handle: (id) => createJobHandle({ ...sources, get }, id, false),
    async pause(id) {
      open(id)
      return get(id).state === 'paused' ? get(id) : tell(id, { state: 'paused' })
    },
    async resume(id) {
      open(id)
      return get(id).state === 'paused' ? tell(id, { state: 'running' }) : get(id)
    },
    async cancel(id, { partial = 'keep' } = {}) {
      open(id)
      fake.finish(id, 'cancelled', { note: `partial ${partial}` })
      return get(id)
    },
  }
  return fake
}
