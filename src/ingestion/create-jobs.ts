/** Starts, pauses, resumes and cancels jobs: of each job one thing at a time, and nothing else changes one. */
import { type Job, ModelyardError } from '../contract/index.ts'
import { createKeyedTurns } from '../util/keyed-turns.ts'
import { endCancelled } from './end-cancelled.ts'
import { cancelled, failed, goingOn, newRecord, paused, succeeded } from './job-changes.ts'
import { hasEnded, type JobRecord, keyOf } from './job-record.ts'
import type { Ingestion, JobsOptions } from './jobs.ts'
import { preflight, resolveSource } from './make-plan.ts'
import { createWorks } from './make-work.ts'
import { usualPatience } from './patience.ts'
import { createQueue } from './queue.ts'
import { openRecords } from './records.ts'
import { resultOf, runJob } from './run-job.ts'

interface Running {
  readonly stop: AbortController
  /** Somebody asked it to stop, and finishes what follows from that. */
  halted: boolean
  ended: Promise<void>
}

export async function createJobs(options: JobsOptions): Promise<Ingestion> {
  const { ports, patience = usualPatience, readOnly = false } = options
  const records = await openRecords(ports, readOnly)
  const queue = createQueue(options.downloadsAtOnce)
  const workOf = createWorks({ ports, queue, patience, records })
  const inTurn = createKeyedTurns()
  const running = new Map<string, Running>()
  const closing = new AbortController()
  let telling = Promise.resolve()

  /** Unless the service ends, or it runs already: then the next start goes on with it. */
  const run = (id: string): void => {
    if (closing.signal.aborted || running.has(id) || hasEnded(records.of(id))) return
    const one: Running = { stop: new AbortController(), halted: false, ended: Promise.resolve() }
    running.set(id, one)
    one.ended = perform(id, one)
      .catch((error: unknown) => ports.log(`The job ${id} could not be kept`, error))
      .finally(() => running.delete(id))
  }
  const perform = async (id: string, one: Running): Promise<void> => {
    const work = workOf(id, one.stop.signal)
    try {
      const { note, ...result } = await runJob(work)
      await records.move(id, (job) => succeeded(job, result, note))
    } catch (error) {
      if (one.halted) return
      await records.move(id, (job) => failed(job, ModelyardError.from(error), resultOf(work)))
      await tellWanted()
    }
  }
  /** Answers when it has let go of everything. */
  const halt = async (id: string, reason: ModelyardError): Promise<void> => {
    const one = running.get(id)
    if (!one) return
    one.halted = true
    one.stop.abort(reason)
    await one.ended
  }
  const unended = (id: string, verb: string): JobRecord => {
    const record = records.of(id)
    if (!hasEnded(record) && record.cancelling === undefined) return record
    throw new ModelyardError('conflict', `The job has ended (${record.job.state}); it cannot be ${verb}.`, { retryable: false })
  }
  const refuseReadOnly = (): void => {
    if (closing.signal.aborted) throw new ModelyardError('interrupted', 'The service is shutting down.')
    if (readOnly) throw new ModelyardError('unsupported_operation', 'This yard only reads; a service does jobs.')
  }
  /** An engine whose own download goes on, whatever we do, is not said to have stopped. */
  const mustStop = ({ pull, job }: JobRecord): void => {
    const provider = pull && ports.directory.provider(pull.provider)
    if (provider?.pullStops === false && job.stage === 'download')
      throw new ModelyardError('unsupported_operation', `${provider.id} cannot be told to stop its own download.`, {
        hint: 'Stop it there; the job ends with it.',
      })
  }
  const finishCancel = async (id: string): Promise<void> => {
    const note = await endCancelled(workOf(id, closing.signal), records.wanted(id))
    await records.move(id, (job) => cancelled(job, note))
    await tellWanted()
  }
  /** Other homes learn at the next start what they do not learn now. */
  const tellWanted = (): Promise<void> => ports.wantedBytes.tell(records.wanted, closing.signal).catch(() => undefined)

  return {
    async preflight(request, signal) {
      return (await preflight(ports, request, await resolveSource(ports, request, signal), signal)).told
    },
    async start(request) {
      refuseReadOnly()
      const key = keyOf(request)
      return inTurn(`start ${key}`, async () => {
        const same = records.running(key)
        if (same) return { id: same.job.id, fresh: false }
        const id = ports.newId()
        await inTurn(id, async () => {
          await records.add(newRecord(id, request, key, new Date(ports.now()).toISOString()))
          run(id)
        })
        return { id, fresh: true }
      })
    },
    list: () =>
      records
        .all()
        .map(({ job }) => job)
        .reverse(),
    get: (id) => records.of(id).job,
    pause: (id) =>
      inTurn(id, async (): Promise<Job> => {
        refuseReadOnly()
        const record = unended(id, 'paused')
        if (record.job.state === 'paused') return record.job
        mustStop(record)
        await halt(id, new ModelyardError('cancelled', 'It was paused.'))
        if (!hasEnded(records.of(id))) await records.move(id, paused)
        return records.of(id).job
      }),
    resume: (id) =>
      inTurn(id, async (): Promise<Job> => {
        refuseReadOnly()
        const record = unended(id, 'resumed')
        if (record.job.state !== 'paused') return record.job
        try {
          await records.move(id, goingOn)
        } catch (error) {
          records.touch(id, paused)
          throw error
        }
        run(id)
        return records.of(id).job
      }),
    cancel: (id, partial) =>
      inTurn(id, async (): Promise<Job> => {
        refuseReadOnly()
        mustStop(unended(id, 'cancelled'))
        // From here on it is cancelled, also over a crash; what runs is stopped at once.
        const marked = records.keep(id, (record) => ({ ...record, cancelling: partial }))
        await Promise.all([marked, halt(id, new ModelyardError('cancelled'))])
        if (!hasEnded(records.of(id))) await finishCancel(id)
        return records.of(id).job
      }),
    wanted: () => records.hashesOf((one) => !hasEnded(one)),
    setDownloadsAtOnce: queue.setPlaces,
    goOn() {
      telling = tellWanted()
      for (const { job, cancelling } of records.all()) {
        if (cancelling !== undefined && !hasEnded(records.of(job.id)))
          void inTurn(job.id, () => finishCancel(job.id)).catch((error: unknown) =>
            ports.log(`The job ${job.id} could not be ended`, error),
          )
        else if (job.state === 'running' || job.state === 'waiting') run(job.id)
      }
    },
    async close() {
      const reason = new ModelyardError('interrupted', 'The service is shutting down.')
      closing.abort(reason)
      await Promise.all([telling, ...[...running.keys()].map((id) => halt(id, reason))])
    },
  }
}
