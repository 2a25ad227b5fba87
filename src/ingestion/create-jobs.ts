/** The one writer of jobs: keeps each change, tells it, and lets nothing else change a job. */
import { type Job, type JobRequest, type JobResult, type JobStage, ModelyardError, type WaitReason } from '../contract/index.ts'
import { takeBack } from './give-to-engines.ts'
import { hasEnded, type JobRecord, keyOf } from './job-record.ts'
import type { Ingestion, JobsOptions } from './jobs.ts'
import { openJobsFile, withoutOld } from './jobs-file.ts'
import { preflight, resolveSource, sourceOf } from './make-plan.ts'
import { usualPatience } from './patience.ts'
import { createQueue } from './queue.ts'
import { removePartials } from './remove-partials.ts'
import { resultOf, runJob } from './run-job.ts'
import { createTeller } from './tell.ts'
import { createTurns } from './turns.ts'
import type { Progress, Work } from './work.ts'

type Why = 'pause' | 'cancel' | 'close'

interface Running {
  readonly stop: AbortController
  why?: Why
  ended: Promise<void>
}

export async function createJobs({ ports, downloadsAtOnce, patience = usualPatience }: JobsOptions): Promise<Ingestion> {
  const file = await openJobsFile(ports.home, ports.log)
  const queue = createQueue(downloadsAtOnce)
  const tell = createTeller(ports)
  let records = new Map(file.records.map((one) => [one.job.id, one]))
  const running = new Map<string, Running>()
  const closing = new AbortController()
  const inTurn = createTurns()
  const iso = (): string => new Date(ports.now()).toISOString()

  const recordOf = (id: string): JobRecord => {
    const found = records.get(id)
    if (found) return found
    throw new ModelyardError('job_not_found', `There is no job "${id}".`)
  }
  const set = (record: JobRecord): JobRecord => {
    const dated = { ...record, job: { ...record.job, updatedAt: iso() } }
    records.set(record.job.id, dated)
    return dated
  }
  const write = (): Promise<void> => {
    const kept = withoutOld([...records.values()])
    records = new Map(kept.map((one) => [one.job.id, one]))
    return file.write(kept)
  }
  const keep = (id: string, change: (record: JobRecord) => JobRecord): Promise<void> => {
    set(change(recordOf(id)))
    return write()
  }
  /** A change of the job that people are told of. */
  const move = async (id: string, change: (job: Job) => Job): Promise<void> => {
    const record = recordOf(id)
    const { job } = set({ ...record, job: change(record.job) })
    if (hasEnded(recordOf(id))) tell.finished(job)
    else tell.stage(job)
    await write()
  }

  const workOf = (id: string, signal: AbortSignal): Work => ({
    ports,
    queue,
    patience,
    signal,
    record: () => recordOf(id),
    keep: (change) => keep(id, change),
    enter: (stage) => move(id, (job) => entered(job, stage)),
    waits: (reason, note) => {
      const { job } = recordOf(id)
      if (job.waitingFor === reason) return
      tell.stage(set({ ...recordOf(id), job: waiting(job, reason, note) }).job)
    },
    progress: (progress) => {
      tell.progress(set({ ...recordOf(id), job: progressed(recordOf(id).job, progress) }).job)
    },
    publishing: inTurn,
  })

  const run = (id: string): void => {
    const one: Running = { stop: new AbortController(), ended: Promise.resolve() }
    running.set(id, one)
    one.ended = perform(id, one)
      .catch((error: unknown) => ports.log(`The job ${id} could not be kept`, error))
      .finally(() => running.delete(id))
  }

  const perform = async (id: string, one: Running): Promise<void> => {
    const work = workOf(id, one.stop.signal)
    try {
      await succeed(id, await runJob(work))
    } catch (error) {
      if (one.why === undefined) await fail(work, id, ModelyardError.from(error))
      // A pause, a cancel and the end of the service are finished by whoever asked for them.
    }
  }
  const succeed = (id: string, result: JobResult): Promise<void> =>
    move(id, (job) => ({
      ...without(job, 'waitingFor', 'note', 'bytesPerSecond', 'secondsLeft'),
      state: 'succeeded',
      stage: 'done',
      result,
    }))
  const fail = async (work: Work, id: string, error: ModelyardError): Promise<void> => {
    const result = resultOf(work)
    const { code, message, hint, retryable, details } = error.toBody()
    await move(id, (job) => ({
      ...without(job, 'waitingFor', 'note', 'bytesPerSecond', 'secondsLeft'),
      state: 'failed',
      error: { code, message, hint, retryable, ...(details && { details }) },
      ...(result.refs.length > 0 && { result }),
    }))
  }

  /** Ends what runs; answers when it has let go of everything. */
  const halt = async (id: string, why: Why): Promise<void> => {
    const one = running.get(id)
    if (!one) return
    one.why = why
    one.stop.abort(new ModelyardError(why === 'close' ? 'interrupted' : 'cancelled'))
    await one.ended
  }
  const mustGoOn = (id: string, verb: string): JobRecord => {
    const record = recordOf(id)
    if (!hasEnded(record)) return record
    throw new ModelyardError('conflict', `The job has ended (${record.job.state}); it cannot be ${verb}.`, { retryable: false })
  }

  /** By all that have not ended, but for one. */
  const wantedBut = (id?: string): ReadonlySet<string> => {
    const others = [...records.values()].filter((one) => one.job.id !== id && !hasEnded(one))
    return new Set(others.flatMap(({ subject }) => (subject?.files ?? []).flatMap(({ sha256 }) => sha256 ?? [])))
  }

  return {
    async preflight(request, signal) {
      return (await preflight(ports, request, await resolveSource(ports, request, signal), signal)).told
    },
    async start(request) {
      if (closing.signal.aborted) throw new ModelyardError('interrupted', 'The service is shutting down.')
      const key = keyOf(request)
      const same = [...records.values()].find((one) => one.key === key && !hasEnded(one))
      if (same) return { id: same.job.id, fresh: false }
      const record = set(newRecord(ports.newId(), request, key, iso()))
      tell.created(record.job)
      await write()
      run(record.job.id)
      return { id: record.job.id, fresh: true }
    },
    list: () => [...records.values()].map(({ job }) => job).reverse(),
    get: (id) => recordOf(id).job,
    async pause(id) {
      if (mustGoOn(id, 'paused').job.state === 'paused') return recordOf(id).job
      await halt(id, 'pause')
      if (!hasEnded(recordOf(id)))
        await move(id, (job) => ({ ...without(job, 'waitingFor', 'note', 'bytesPerSecond', 'secondsLeft'), state: 'paused' }))
      return recordOf(id).job
    },
    async resume(id) {
      if (mustGoOn(id, 'resumed').job.state !== 'paused') return recordOf(id).job
      await move(id, (job) => ({ ...job, state: 'running' }))
      if (!running.has(id)) run(id)
      return recordOf(id).job
    },
    async cancel(id, partial) {
      mustGoOn(id, 'cancelled')
      await halt(id, 'cancel')
      if (hasEnded(recordOf(id))) return recordOf(id).job
      const work = workOf(id, closing.signal)
      if (recordOf(id).job.stage !== 'switch') await takeBack(work)
      if (partial === 'remove') await removePartials(work, wantedBut(id))
      await move(id, (job) => ({ ...without(job, 'waitingFor', 'note', 'bytesPerSecond', 'secondsLeft'), state: 'cancelled' }))
      return recordOf(id).job
    },
    wanted: () => wantedBut(),
    setDownloadsAtOnce: queue.setPlaces,
    goOn() {
      for (const { job } of [...records.values()]) if (job.state === 'running' || job.state === 'waiting') run(job.id)
    },
    async close() {
      closing.abort(new ModelyardError('interrupted', 'The service is shutting down.'))
      await Promise.all([...running.keys()].map((id) => halt(id, 'close')))
      await write()
    },
  }
}

function newRecord(id: string, request: JobRequest, key: string, at: string): JobRecord {
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

const entered = (job: Job, stage: JobStage): Job => ({
  ...without(job, 'waitingFor', 'note', 'bytesPerSecond', 'secondsLeft'),
  state: 'running',
  stage,
})

function waiting(job: Job, reason: WaitReason | undefined, note: string | undefined): Job {
  const rest = without(job, 'waitingFor', 'note', 'bytesPerSecond', 'secondsLeft')
  if (reason === undefined) return { ...rest, state: 'running' }
  return { ...rest, state: 'waiting', waitingFor: reason, ...(note !== undefined && { note }) }
}

function progressed(job: Job, { bytesDone, bytesTotal, bytesPerSecond, note }: Progress): Job {
  const left = bytesPerSecond && bytesTotal !== undefined ? Math.max(0, (bytesTotal - bytesDone) / bytesPerSecond) : undefined
  return {
    ...without(job, 'note', 'bytesPerSecond', 'secondsLeft'),
    bytesDone,
    ...(bytesTotal !== undefined && { bytesTotal }),
    ...(bytesPerSecond !== undefined && { bytesPerSecond: Math.round(bytesPerSecond) }),
    ...(left !== undefined && { secondsLeft: Math.round(left) }),
    ...(note !== undefined && { note }),
  }
}

function without<K extends keyof Job>(job: Job, ...keys: readonly K[]): Omit<Job, K> {
  return Object.fromEntries(Object.entries(job).filter(([key]) => !keys.includes(key as K))) as Omit<Job, K>
}
