/** What is known of jobs, kept before it is told. */
import { type Job, ModelyardError } from '../contract/index.ts'
import { hasEnded, type JobRecord } from './job-record.ts'
import { openJobsFile, withoutOld } from './jobs-file.ts'
import type { Ports } from './ports.ts'
import { createTeller, type Teller } from './tell.ts'

export interface Records {
  readonly tell: Teller
  /** Oldest first. */
  all(): JobRecord[]
  /** Throws `job_not_found`. */
  of(id: string): JobRecord
  /** The one of this request that has not ended. */
  running(key: string): JobRecord | undefined
  add(record: JobRecord): Promise<void>
  /** Resolves when it is kept; nobody is told. */
  keep(id: string, change: (record: JobRecord) => JobRecord): Promise<void>
  /** Kept, then told. */
  move(id: string, change: (job: Job) => Job): Promise<void>
  /** Told, and kept with the next change: what passes. */
  touch(id: string, change: (job: Job) => Job): Job
  /** What has not ended of others, or was got well by them, by hash. */
  hashesOf(which: (record: JobRecord) => boolean): ReadonlySet<string>
  /** Of what goes on, or came to a good end. */
  wanted(but?: string): ReadonlySet<string>
}

export async function openRecords(ports: Ports, readOnly: boolean): Promise<Records> {
  const file = await openJobsFile({ home: ports.home, readOnly, onWarning: ports.log })
  const tell = createTeller(ports)
  let records = new Map(file.records.map((one) => [one.job.id, one]))

  const of = (id: string): JobRecord => {
    const found = records.get(id)
    if (found) return found
    throw new ModelyardError('job_not_found', `There is no job "${id}".`)
  }
  const set = (record: JobRecord): JobRecord => {
    const dated = { ...record, job: { ...record.job, updatedAt: new Date(ports.now()).toISOString() } }
    records.set(record.job.id, dated)
    return dated
  }
  const hashesOf = (which: (record: JobRecord) => boolean): ReadonlySet<string> => {
    const wanted = [...records.values()].filter(which)
    return new Set(wanted.flatMap(({ subject }) => (subject?.files ?? []).flatMap(({ sha256 }) => sha256 ?? [])))
  }
  const write = (): Promise<void> => {
    const kept = withoutOld([...records.values()])
    records = new Map(kept.map((one) => [one.job.id, one]))
    return file.write(kept)
  }
  return {
    tell,
    of,
    all: () => [...records.values()],
    running: (key) => [...records.values()].find((one) => one.key === key && !hasEnded(one)),
    async add(record) {
      set(record)
      try {
        await write()
      } catch (error) {
        records.delete(record.job.id)
        throw error
      }
      tell.created(of(record.job.id).job)
    },
    keep(id, change) {
      set(change(of(id)))
      return write()
    },
    async move(id, change) {
      const before = of(id)
      set({ ...before, job: change(before.job) })
      await write()
      const now = of(id)
      if (hasEnded(now)) tell.finished(now.job)
      else tell.stage(now.job)
    },
    touch(id, change) {
      const record = of(id)
      return set({ ...record, job: change(record.job) }).job
    },
    hashesOf,
    wanted: (but) => hashesOf((one) => one.job.id !== but && (!hasEnded(one) || one.job.state === 'succeeded')),
  }
}
