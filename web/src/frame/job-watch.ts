/** How far downloads are is told to the tab, whatever panel is shown; what happens to them is announced. */
import { effect } from '@preact/signals'
import { newsOf, titleOf } from '../panels/get/job-news.ts'
import type { Job } from '../sdk.ts'
import type { Jobs } from '../yard/jobs.ts'

export interface JobWatchOptions {
  readonly jobs: Pick<Jobs, 'all'>
  readonly announce: (words: string) => void
  /** How far all of them are; undefined: nothing is fetched. */
  readonly setProgress: (progress: string | undefined) => void
  /** Calls back again and again. Returns what ends it. */
  readonly every: (work: () => void) => () => void
}

/** Looks now and then instead of with every event: nobody reads faster. Returns what ends it. */
export function watchJobs({ jobs, announce, setProgress, every }: JobWatchOptions): () => void {
  let known = new Map<string, Job>()
  const look = (): void => {
    const all = jobs.all.peek()?.map((one) => one.peek()) ?? []
    const news = all.flatMap((job) => {
      const before = known.get(job.id)
      return before && before !== job ? (newsOf(before, job) ?? []) : []
    })
    // Of several announcements in one moment only the last is heard.
    if (news.length > 0) announce(news.join(' · '))
    known = new Map(all.map((job) => [job.id, job]))
    setProgress(titleOf(all))
  }
  const end = every(look)
  // The first list is there: what is in it is no news.
  const endFirst = effect(() => {
    if (jobs.all.value !== undefined) look()
  })
  return () => {
    end()
    endFirst()
    setProgress(undefined)
  }
}

const everyMs = 1000

export const watchJobsInTab = (
  jobs: Pick<Jobs, 'all'>,
  { announce, setProgress }: Pick<JobWatchOptions, 'announce' | 'setProgress'>,
): (() => void) =>
  watchJobs({
    jobs,
    announce,
    setProgress,
    every: (work) => {
      const timer = setInterval(work, everyMs)
      return () => clearInterval(timer)
    },
  })
