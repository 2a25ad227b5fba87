import { abortReason, type Job, jobHasEnded, ModelyardError, type YardEvent } from '../contract/index.ts'
import { deferred } from '../util/deferred.ts'
import { expectOk } from './errors.ts'
import { followEvents } from './events.ts'
import { linked } from './linked.ts'
import { pause, waitAtMost } from './pause.ts'
import { callOf, type Transport } from './transport.ts'
import type { Cancellable, JobClient } from './types.ts'
import { watchEvents } from './watch-events.ts'

/** Events say when to look; this is how often we look without them. */
const lookEveryMs = 2000
/** How long the service may be away before we give up: a job goes on by itself after a restart. */
const awayMs = 30_000
/** How long to wait for the last event of a job that has ended by its record. */
const patienceMs = 1000

export function jobClient(transport: Transport, id: string, fresh: boolean): JobClient {
  return {
    id,
    fresh,
    get: (options) => getJob(transport, id, options),
    events: (options) => jobEvents(transport, id, options),
    ended: (options) => untilEnded(transport, id, options),
  }
}

export async function getJob(transport: Transport, id: string, { signal }: Cancellable = {}): Promise<Job> {
  return expectOk(await transport.send(callOf('showJob', { params: { id }, signal })))
}

/**
 * Its events over as many connections as it takes. Its end is told once: by its event, or from its record when that
 * came before the stream began or while there was none.
 */
async function* jobEvents(transport: Transport, id: string, { signal }: Cancellable = {}): AsyncGenerator<YardEvent, void, void> {
  const before = await getJob(transport, id, { signal })
  const line = linked(signal)
  const stream = followEvents(transport, { job: id, signal: line.signal }, { awayMs })
  let over = jobHasEnded(before) ? before : undefined
  try {
    for (let seq = 0; ; ) {
      const next = await withPatience(stream.next(), over && over !== before)
      if (next === 'silence' || next.done) {
        if (over) yield finished(over, seq)
        return
      }
      const event = next.value
      seq = event.seq
      yield event
      if (event.type === 'job.finished') return
      if (event.type !== 'snapshot') continue
      if (over === before) return yield finished(before, seq)
      over = await getJob(transport, id, { signal }).then(endedOrNone, noneIfAway)
    }
  } finally {
    // A stream that waits for its next event hears of nothing else.
    line.end(new ModelyardError('cancelled'))
    void stream.return().catch(() => {})
  }
}

/** What is still to come of a job that has ended comes soon, or not at all. */
async function withPatience<T>(next: Promise<T>, impatient: boolean | undefined): Promise<T | 'silence'> {
  if (!impatient) return next
  const enough = new AbortController()
  next.catch(() => {})
  return Promise.race([next, pause(patienceMs, enough.signal).then(() => 'silence' as const)]).finally(() => enough.abort())
}

/** Waits for its end, which the record at the service tells; events only say when to read it. */
async function untilEnded(transport: Transport, id: string, { signal }: Cancellable = {}): Promise<Job> {
  const left = whenAborted(signal)
  const watch = watchEvents(transport, { job: id }, ({ type }) => type === 'job.finished' && watch.wake())
  try {
    for (let lastSeen = Date.now(); ; ) {
      const news = watch.news()
      const job = await Promise.race([getJob(transport, id, { signal }).catch(noneIfAway), left.promise])
      if (job && jobHasEnded(job)) return job
      if (job) lastSeen = Date.now()
      else if (Date.now() - lastSeen > awayMs) throw new ModelyardError('service_unreachable', 'The service has been away for too long.')
      await Promise.race([waitAtMost(lookEveryMs, news), left.promise])
    }
  } finally {
    left.forget()
    watch.stop()
  }
}

/** Rejects when the signal aborts. */
function whenAborted(signal: AbortSignal | undefined): { promise: Promise<never>; forget(): void } {
  const { promise, reject } = deferred<never>()
  const leave = (): void => reject(abortReason(signal as AbortSignal))
  if (signal?.aborted) leave()
  signal?.addEventListener('abort', leave, { once: true })
  return { promise, forget: () => signal?.removeEventListener('abort', leave) }
}

const finished = (job: Job, seq: number): YardEvent => ({ type: 'job.finished', seq, at: job.updatedAt, job })
const endedOrNone = (job: Job): Job | undefined => (jobHasEnded(job) ? job : undefined)

function noneIfAway(error: unknown): undefined {
  if (ModelyardError.is(error) && error.code === 'service_unreachable') return undefined
  throw error
}
