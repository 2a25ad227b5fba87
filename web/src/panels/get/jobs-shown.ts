/** Which jobs the panel shows: all that go on, and those that ended lately and were not hidden in this tab. */
import { type Job, jobHasEnded } from '../../sdk.ts'

export interface ShownJobs {
  readonly running: readonly string[]
  readonly ended: readonly string[]
  /** More have ended than are shown. */
  readonly more: boolean
}

const mostEnded = 6
const lately = 24 * 3_600_000

/** Their ids, in the order in which they came. */
export function jobsShown(jobs: readonly Job[], hidden: ReadonlySet<string>, now: number): ShownJobs {
  const running = jobs.filter((job) => !jobHasEnded(job))
  const ended = jobs.filter((job) => jobHasEnded(job) && !hidden.has(job.id) && now - Date.parse(job.updatedAt) < lately)
  return { running: running.map(({ id }) => id), ended: ended.slice(0, mostEnded).map(({ id }) => id), more: ended.length > mostEnded }
}
