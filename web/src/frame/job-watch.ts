/** How far downloads are stands in the title of the tab, whatever panel is shown; what happens to them is announced. */
import { effect } from '@preact/signals'
import { newsOf, titleOf } from '../panels/get/job-news.ts'
import type { Job } from '../sdk.ts'
import { text } from '../text/text.ts'
import type { Jobs } from '../yard/jobs.ts'

export interface JobWatchOptions {
  readonly jobs: Pick<Jobs, 'all'>
  readonly announce: (words: string) => void
  readonly setTitle: (title: string) => void
  /** Calls back again and again. Returns what ends it. */
  readonly every: (work: () => void) => () => void
}

/** Looks now and then instead of with every event: nobody reads faster. Returns what ends it. */
export function watchJobs({ jobs, announce, setTitle, every }: JobWatchOptions): () => void {
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
    const progress = titleOf(all)
    setTitle(progress === undefined ? text.name : `${progress} – ${text.name}`)
  }
  const end = every(look)
  // The first list is there: what is in it is no news.
  const endFirst = effect(() => {
    if (jobs.all.value !== undefined) look()
  })
  return () => {
    end()
    endFirst()
    setTitle(text.name)
  }
}

const everyMs = 1000

export const watchJobsInTab = (jobs: Pick<Jobs, 'all'>, announce: (words: string) => void): (() => void) =>
  watchJobs({
    jobs,
    announce,
    setTitle: (title) => {
      if (document.title !== title) document.title = title
    },
    every: (work) => {
      const timer = setInterval(work, everyMs)
      return () => clearInterval(timer)
    },
  })
