/** What the stages of one job are given: its record, and the ways to change and to tell it. */
import type { ModelyardError, WaitReason } from '../contract/index.ts'
import { createKeyedTurns } from '../util/keyed-turns.ts'
import { entered, progressed, waiting } from './job-changes.ts'
import type { JobRecord } from './job-record.ts'
import { type Patience, patiently, whileImporting } from './patience.ts'
import type { Ports } from './ports.ts'
import type { Queue } from './queue.ts'
import type { Records } from './records.ts'
import type { Work } from './work.ts'

export interface WorksOptions {
  readonly ports: Ports
  readonly queue: Queue
  readonly patience: Patience
  readonly records: Records
}

export function createWorks({ ports, queue, patience, records }: WorksOptions): (id: string, signal: AbortSignal) => Work {
  const publishing = createKeyedTurns()
  return (id, signal) => {
    const waits = (reason: WaitReason | undefined, note?: string): void => {
      if (records.of(id).job.waitingFor !== reason) records.tell.stage(records.touch(id, (job) => waiting(job, reason, note)))
    }
    const onWait = (reason: WaitReason | undefined, error?: ModelyardError): void => waits(reason, error?.message)
    /** A home without room is waited for like any other disk. */
    const kept = (write: () => Promise<void>): Promise<void> => patiently({ reasons: whileImporting, patience, signal, onWait }, write)
    const keepOf = (one: string, change: (record: JobRecord) => JobRecord): Promise<void> => {
      let first = true
      return kept(() => {
        const now = first ? change : (record: JobRecord) => record
        first = false
        return records.keep(one, now)
      })
    }
    return {
      ports,
      queue,
      patience,
      signal,
      record: () => records.of(id),
      keep: (change) => keepOf(id, change),
      tellWanted: () => ports.wantedBytes.tell(() => records.wanted(), signal),
      others: () => records.all().filter(({ job }) => job.id !== id),
      keepOther: keepOf,
      enter: (stage) => kept(() => records.move(id, (job) => entered(job, stage))),
      waits,
      onWait,
      progress: (progress) => records.tell.progress(records.touch(id, (job) => progressed(job, progress))),
      publishing,
    }
  }
}
