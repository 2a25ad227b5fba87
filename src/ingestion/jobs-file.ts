/** The jobs of a home, as they outlive the process: those that go on, and the newest of those that have ended. */
import { join } from 'node:path'
import { z } from 'zod'
import { openStateFile } from '../store/state-file.ts'
import { hasEnded, type JobRecord, jobRecord } from './job-record.ts'

const keptEnded = 100

export interface JobsFile {
  /** Oldest first. */
  readonly records: readonly JobRecord[]
  /** Resolves when it is on the disk. */
  write(records: readonly JobRecord[]): Promise<void>
}

export interface JobsFileOptions {
  readonly home: string
  /** Somebody else may hold the home: what they keep is not overwritten. */
  readonly readOnly: boolean
  readonly onWarning: (text: string) => void
}

/** A record that is not understood costs itself alone. */
export async function openJobsFile({ home, readOnly, onWarning }: JobsFileOptions): Promise<JobsFile> {
  const path = join(home, 'jobs.json')
  const file = await openStateFile({ path, schema: z.array(z.unknown()), initial: [], onWarning })
  const read = file.value.map((one) => jobRecord.safeParse(one))
  const lost = read.filter(({ success }) => !success).length
  if (lost > 0) onWarning(`${path}: ${lost} of ${read.length} jobs could not be read and are forgotten.`)
  return {
    records: read.flatMap(({ data }) => data ?? []),
    write: async (records) => (readOnly ? undefined : file.write([...records])),
  }
}

export function withoutOld(records: readonly JobRecord[]): JobRecord[] {
  const ended = records.filter(hasEnded)
  const dropped = new Set(ended.slice(0, Math.max(0, ended.length - keptEnded)))
  return records.filter((one) => !dropped.has(one))
}
