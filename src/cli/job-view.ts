import { type Job, type JobStage, jobHasEnded, type YardEvent } from '../contract/index.ts'
import { formatSize, formatSpan } from './format.ts'
import type { Io } from './io.ts'
import { liveLines } from './live-lines.ts'
import { shortId } from './short-id.ts'
import { visible } from './visible.ts'

/** What a stage is called while it runs and when it is done. */
const names: Readonly<Record<JobStage, readonly [running: string, done: string]>> = {
  resolve: ['looking it up', 'found'],
  preflight: ['looking at space and engines', 'planned'],
  download: ['downloading', 'downloaded'],
  check: ['checking', 'checked'],
  import: ['giving it to the engines', 'given to the engines'],
  verify: ['asking it something', 'asked'],
  switch: ['switching', 'switched'],
  done: ['done', 'done'],
}

export interface JobView {
  /** How it is now, before any event. */
  begin(job: Job): void
  show(event: YardEvent): void
  /** Nothing is written over any more. */
  end(): void
}

/**
 * Jobs as they go: on a terminal a bar for each, and a line for each stage that is done; elsewhere a line where
 * something begins or changes. With --json each of their events is a line of standard output.
 */
export function jobView(io: Io, { several = false } = {}): JobView {
  if (io.json) return { begin() {}, end() {}, show: (event) => event.type.startsWith('job.') && io.document(event) }
  const jobs = new Map<string, Job>()
  const lines = liveLines(io)
  const said = new Map<string, string>()
  const label = (id: string): string => (several ? `${shortId(id)}  ` : '')
  const draw = (): void => lines.set([...jobs.values()].map((job) => `  ◌ ${label(job.id)}${stateText(job, '')}${barText(job)}`))
  const say = (job: Job): void => {
    const text = `  ${label(job.id)}${stateText(job)}`
    if (io.live || said.get(job.id) === text) return
    said.set(job.id, text)
    lines.above(visible(text))
  }
  const settle = ({ id, stage, bytesTotal }: Job, wentWell: boolean): void => {
    const { green, red, dim } = io.errColor
    const size = stage === 'download' ? dim(`  ${formatSize(bytesTotal)}`.trimEnd()) : ''
    lines.above(wentWell ? `  ${green('✓')} ${label(id)}${names[stage][1]}${size}` : `  ${red('✗')} ${label(id)}${names[stage][0]}`)
  }
  const become = (job: Job): void => {
    const before = jobs.get(job.id)
    jobs.set(job.id, job)
    if (io.live && before && before.stage !== job.stage) settle(before, true)
    say(job)
    draw()
  }
  const finish = (job: Job): void => {
    const last = jobs.get(job.id) ?? job
    jobs.delete(job.id)
    draw()
    if (io.live && last.stage !== 'done') settle(last, job.state === 'succeeded')
  }

  return {
    begin(job) {
      if (!jobHasEnded(job)) become(job)
    },
    show(event) {
      if (event.type === 'job.created' || event.type === 'job.stage') become(event.job)
      if (event.type === 'job.finished') finish(event.job)
      if (event.type !== 'job.progress') return
      const { seq: _, at: __, type: ___, ...progress } = event
      const job = jobs.get(event.id)
      if (job) become({ ...job, bytesPerSecond: undefined, secondsLeft: undefined, note: undefined, ...progress })
    },
    end() {
      jobs.clear()
      lines.set([])
    },
  }
}

const waits = {
  turn: 'waiting for its turn',
  network: 'waiting for the network',
  'sign-in': 'waiting for a sign-in',
  disk: 'waiting for space on the disk',
  'rate-limit': 'waiting: the Hub has had too many requests',
} as const

/** How much there is to fetch; a bar says it itself. */
const sizeText = ({ stage, bytesTotal }: Job): string =>
  stage === 'download' && bytesTotal !== undefined ? ` ${formatSize(bytesTotal)}` : ''

/** What it does, or waits for, and why where that is known. */
function stateText(job: Job, size = sizeText(job)): string {
  const { state, stage, waitingFor, note } = job
  const doing = state === 'paused' ? 'paused' : waitingFor ? waits[waitingFor] : `${names[stage][0]}${size}`
  return note === undefined ? doing : `${doing} (${note})`
}

const barWidth = 20

/** Nothing where all bytes are there and something else is done with them. */
function barText({ stage, bytesDone, bytesTotal, bytesPerSecond, secondsLeft, state }: Job): string {
  if (stage !== 'download' && bytesDone >= (bytesTotal ?? 0)) return ''
  if (!bytesTotal) return bytesDone > 0 ? `  ${formatSize(bytesDone)}` : ''
  const full = Math.min(barWidth, Math.floor((bytesDone / bytesTotal) * barWidth))
  const moves = state === 'running'
  const parts = [
    '█'.repeat(full) + '░'.repeat(barWidth - full),
    `${formatSize(bytesDone)} of ${formatSize(bytesTotal)}`,
    moves && bytesPerSecond ? `${formatSize(bytesPerSecond)}/s` : '',
    moves && secondsLeft !== undefined && secondsLeft > 0 ? `${formatSpan(secondsLeft)} left` : '',
  ]
  return `  ${parts.filter(Boolean).join('  ')}`
}
