/** Switches and jobs as one history, the newest first. Pure. */
import type { Job, SwitchRecord } from '../../sdk.ts'
import type { SwitchView } from '../../yard/fold.ts'

export const endings = ['running', 'good', 'failed', 'ended'] as const
/** `ended`: neither done nor failed: somebody wanted something else. */
export type Ending = (typeof endings)[number]

interface Common {
  readonly id: string
  /** When it began; milliseconds. */
  readonly at: number
  /** Absent while it runs. */
  readonly ms?: number
  readonly ending: Ending
  readonly slot?: string | undefined
}

export interface SwitchEntry extends Common {
  readonly kind: 'switch'
  readonly view: SwitchView
}

export interface JobEntry extends Common {
  readonly kind: 'job'
  readonly job: Job
}

export type Entry = SwitchEntry | JobEntry

export function historyOf(switches: readonly SwitchView[], jobs: readonly Job[]): readonly Entry[] {
  return [...switches.map(ofSwitch), ...jobs.map(ofJob)].sort((a, b) => b.at - a.at)
}

const switchEndings: Readonly<Record<NonNullable<SwitchRecord['outcome']>, Ending>> = {
  switched: 'good',
  already_active: 'good',
  rolled_back: 'failed',
  rejected: 'failed',
  degraded: 'failed',
  superseded: 'ended',
  cancelled: 'ended',
}

function ofSwitch(view: SwitchView): SwitchEntry {
  const { id, slot, outcome, startedAt, endedAt } = view.record
  const at = Date.parse(startedAt)
  const ending = outcome === undefined ? 'running' : switchEndings[outcome]
  return { kind: 'switch', id, at, ending, slot, view, ...(endedAt !== undefined && { ms: Date.parse(endedAt) - at }) }
}

const jobEndings: Readonly<Record<Job['state'], Ending>> = {
  waiting: 'running',
  running: 'running',
  paused: 'running',
  succeeded: 'good',
  failed: 'failed',
  cancelled: 'ended',
}

function ofJob(job: Job): JobEntry {
  const at = Date.parse(job.createdAt)
  const ending = jobEndings[job.state]
  const slot = job.result?.switch?.slot ?? job.plan?.switch
  return { kind: 'job', id: job.id, at, ending, slot, job, ...(ending !== 'running' && { ms: Date.parse(job.updatedAt) - at }) }
}

/** An empty word lets everything through. */
export interface HistoryFilter {
  readonly kind: '' | Entry['kind']
  readonly ending: '' | Ending
  readonly slot: string
}

export const everything: HistoryFilter = { kind: '', ending: '', slot: '' }

export const filtered = (entries: readonly Entry[], { kind, ending, slot }: HistoryFilter): readonly Entry[] =>
  entries.filter((one) => (!kind || one.kind === kind) && (!ending || one.ending === ending) && (!slot || one.slot === slot))
