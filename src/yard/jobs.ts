/** A job as the library hands it out, and what all jobs together are doing. */
import { abortReason, type Job, jobHasEnded, ModelyardError, type YardEvent } from '../contract/index.ts'
import type { Cancellable, JobHandle, Yard } from './yard.ts'

export interface JobSources {
  /** Throws `job_not_found`. */
  readonly get: (id: string) => Job
  readonly events: Yard['events']
  readonly listen: Yard['onEvent']
  /** Aborts when the yard ends. */
  readonly closing: AbortSignal
}

/** Throws `job_not_found`. */
export function createJobHandle(sources: JobSources, id: string, fresh: boolean): JobHandle {
  sources.get(id)
  return {
    id,
    fresh,
    get: () => sources.get(id),
    events: (options) => jobEvents(sources, id, options),
    ended: (options) => untilEnded(sources, id, options),
  }
}

/** What a snapshot tells of them. */
export function countJobs(jobs: readonly Job[]): { running: number; waiting: number } {
  const count = (state: Job['state']): number => jobs.filter((one) => one.state === state).length
  return { running: count('running'), waiting: count('waiting') }
}

/** The end of a job that had ended before its events were asked for is told from its record. */
async function* jobEvents({ get, events }: JobSources, id: string, { signal }: Cancellable = {}): AsyncGenerator<YardEvent> {
  const stream = events({ job: id, signal })[Symbol.asyncIterator]()
  try {
    // The reader is open when this returns: what happens from now on is in the stream.
    const first = stream.next()
    let isOver = jobHasEnded(get(id))
    for (let next = await first; !next.done; next = await stream.next()) {
      yield next.value
      if (next.value.type === 'job.finished') return
      // Events were lost, and its end may be among them.
      if (next.value.type === 'reset') isOver = jobHasEnded(get(id))
      if (next.value.type === 'snapshot' && isOver) return yield finished(get(id), next.value.seq)
    }
  } finally {
    await stream.return?.()
  }
}

const finished = (job: Job, seq: number): YardEvent => ({ type: 'job.finished', seq, at: job.updatedAt, job })

function untilEnded({ get, listen, closing }: JobSources, id: string, { signal }: Cancellable = {}): Promise<Job> {
  const given = signal ? AbortSignal.any([signal, closing]) : closing
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      unlisten()
      given.removeEventListener('abort', leave)
      act()
    }
    const leave = (): void =>
      settle(() => reject(closing.aborted ? new ModelyardError('interrupted', 'The yard ends.') : abortReason(given)))
    const unlisten = listen((event) => {
      if (event.type === 'job.finished' && event.job.id === id) settle(() => resolve(event.job))
    })
    given.addEventListener('abort', leave, { once: true })
    const job = get(id)
    if (jobHasEnded(job)) settle(() => resolve(job))
    else if (given.aborted) leave()
  })
}
