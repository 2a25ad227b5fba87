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

export async function openJobsFile(home: string, onWarning: (text: string) => void): Promise<JobsFile> {
  const file = await openStateFile({ path: join(home, 'jobs.json'), schema: z.array(jobRecord), initial: [], onWarning })
  return { records: file.value, write: (records) => file.write(withoutOld(records)) }
}

export function withoutOld(records: readonly JobRecord[]): JobRecord[] {
  const ended = records.filter(hasEnded)
  const dropped = new Set(ended.slice(0, Math.max(0, ended.length - keptEnded)))
  return records.filter((one) => !dropped.has(one))
}
