/** What is worth saying of jobs to whoever looks or listens elsewhere: how far all of them are, and what happened to one. Pure. */
import { type Job, jobHasEnded } from '../../sdk.ts'
import { shareText, sizeText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { jobName, shareOf } from './job-words.ts'

const words = text.get.jobs.news

/** `43% · 2.1 GB of 5.2 GB`: of all that are fetching and know how much it is. */
export function titleOf(jobs: readonly Job[]): string | undefined {
  const fetching = jobs.filter(({ state, stage, kind, bytesTotal }) => {
    return state === 'running' && (stage === 'download' || kind === 'engine-pull') && bytesTotal !== undefined && bytesTotal > 0
  })
  if (fetching.length === 0) return undefined
  const done = fetching.reduce((sum, { bytesDone }) => sum + bytesDone, 0)
  const total = fetching.reduce((sum, { bytesTotal = 0 }) => sum + bytesTotal, 0)
  return words.title(shareText(Math.min(1, done / total)), sizeText(done), sizeText(total))
}

const step = 0.25

/** What a screen reader is told: an end, a wait that somebody can do something about, every quarter of the bytes. */
export function newsOf(before: Job, now: Job): string | undefined {
  const name = jobName(now)
  if (jobHasEnded(now)) return jobHasEnded(before) ? undefined : endOf(now, name)
  if (now.waitingFor !== undefined && now.waitingFor !== before.waitingFor)
    return words.waiting(name, text.get.jobs.waits[now.waitingFor].text)
  const [from, to] = [shareOf(before), shareOf(now)]
  if (to === undefined || now.bytesTotal === undefined || Math.floor(to / step) <= Math.floor((from ?? 0) / step)) return undefined
  return words.share(name, shareText(to), sizeText(now.bytesDone), sizeText(now.bytesTotal))
}

function endOf({ state, error }: Job, name: string): string {
  if (state === 'failed') return words.failed(name, shown(error?.message ?? '', 200))
  return state === 'cancelled' ? words.cancelled(name) : words.succeeded(name)
}
