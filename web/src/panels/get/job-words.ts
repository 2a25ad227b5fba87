/** A job in words: what it is, what it does or waits for, how far it is. Pure. */
import { type Job, type JobRequest, jobHasEnded, type Source, sourceText } from '../../sdk.ts'
import { durationText, rateText, sizeText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import type { Tone } from '../../ui/mark.tsx'

const words = text.get.jobs

/** What is got, without what it is made of: the repository's own name, the name at the engine, the file. */
export function jobName({ kind, source, plan }: Pick<Job, 'kind' | 'source' | 'plan'>): string {
  const name = nameOf(source, plan?.repo)
  return shown(kind === 'install' ? words.engine(name) : name, 200)
}

function nameOf(source: Source, repo: string | undefined): string {
  if ('name' in source) return source.name
  if ('path' in source) return source.path.split(/[\\/]/).filter(Boolean).at(-1) ?? source.path
  if ('ref' in source) return source.ref
  return repo ?? ('repo' in source ? source.repo : sourceText(source))
}

export function quantizationOf({ source, plan }: Pick<Job, 'source' | 'plan'>): string | undefined {
  return plan?.quantization ?? ('quantization' in source ? source.quantization : undefined)
}

export interface StateWords {
  readonly tone: Tone
  readonly text: string
  /** What to do, or that nothing has to be done. */
  readonly advice?: string
}

export function stateOf({ state, stage, waitingFor }: Job): StateWords {
  switch (state) {
    case 'succeeded':
      return { tone: 'good', text: text.states.job.succeeded }
    case 'failed':
      return { tone: 'bad', text: text.states.job.failed }
    case 'cancelled':
      return { tone: 'muted', text: text.states.job.cancelled }
    case 'paused':
      return { tone: 'muted', text: text.states.job.paused }
    default:
      if (waitingFor === undefined) return { tone: 'plain', text: state === 'waiting' ? text.states.job.waiting : words.stages[stage] }
      return { tone: waitingFor === 'turn' ? 'muted' : 'warn', ...words.waits[waitingFor] }
  }
}

/** Whether bytes are what it is about now: while they come, and where some are still missing. */
export function isFetching(job: Job): boolean {
  const { state, stage, kind, bytesDone, bytesTotal } = job
  if (jobHasEnded(job)) return false
  if (bytesDone === 0) return state === 'running' && stage === 'download' && bytesTotal !== undefined
  return stage === 'download' || kind === 'engine-pull' || bytesDone < (bytesTotal ?? 0)
}

/** There may be bytes of it on the disk, counted or not yet. */
export const mayHaveBytes = ({ stage, bytesDone }: Job): boolean => bytesDone > 0 || (stage !== 'resolve' && stage !== 'preflight')

/** 0 to 1; undefined while it is not known. */
export const shareOf = ({ bytesDone, bytesTotal }: Pick<Job, 'bytesDone' | 'bytesTotal'>): number | undefined =>
  bytesTotal ? Math.min(1, bytesDone / bytesTotal) : undefined

/** `1.2 GB of 5.2 GB · 9.4 MB/s · 3 min left`. Speed and time only while it moves and they are known. */
export function measureOf(job: Job): string[] {
  const { bytesDone, bytesTotal, bytesPerSecond, secondsLeft, state } = job
  const bytes = bytesTotal === undefined ? words.done(sizeText(bytesDone)) : words.doneOf(sizeText(bytesDone), sizeText(bytesTotal))
  const moves = state === 'running'
  return [
    bytes,
    ...(moves && bytesPerSecond ? [rateText(bytesPerSecond)] : []),
    ...(moves && secondsLeft !== undefined && secondsLeft > 0 ? [words.left(durationText(Math.ceil(secondsLeft) * 1000))] : []),
  ]
}

/** The same again, into the same engines and for the same slot, as far as that was known. */
export function requestAgain({ source, into, plan }: Job): JobRequest {
  return {
    ...source,
    ...(into.length > 0 && { into: [...into] }),
    ...(plan && { switch: plan.switch ?? false }),
  }
}
