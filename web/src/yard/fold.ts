/** What an event does to what the page knows. Pure; a thing that an event does not name stays the same object. */
import type { Drift, Job, ProviderInfo, Slot, SwitchRecord, YardEvent } from '../sdk.ts'

export function foldSlots(slots: readonly Slot[], event: YardEvent): readonly Slot[] {
  if (event.type === 'snapshot') return event.status.slots
  if (event.type === 'slot.changed') return put(slots, event.slot, (one) => one.slot)
  if (event.type === 'slot.removed') return slots.filter((one) => one.slot !== event.slot)
  return slots
}

export function foldProviders(providers: readonly ProviderInfo[], event: YardEvent): readonly ProviderInfo[] {
  if (event.type === 'snapshot') return event.status.providers
  if (event.type === 'provider.changed') return put(providers, event.provider, (one) => one.id)
  return providers
}

export function foldDrift(drift: readonly Drift[], event: YardEvent): readonly Drift[] {
  if (event.type === 'snapshot') return event.status.drift
  return event.type === 'drift.changed' ? event.drift : drift
}

/** How far a step of a switch is, as its events said it. */
export interface StepView {
  readonly step: string
  readonly state: 'started' | 'progress' | 'done' | 'failed'
  /** When it began, by the clock of the service. */
  readonly since?: string | undefined
  readonly ms?: number | undefined
  /** 0 to 1, where the engine says it. */
  readonly progress?: number | undefined
  readonly note?: string | undefined
}

export interface SwitchView {
  readonly record: SwitchRecord
  readonly steps: readonly StepView[]
  /** It ran while this page looked: how it ends is news. Else it is only known from the history. */
  readonly seen?: boolean | undefined
}

/** Newest first; as many as the service keeps. */
const keptSwitches = 200

export function foldSwitches(switches: readonly SwitchView[], event: YardEvent): readonly SwitchView[] {
  if (event.type === 'switch.started') return newest(switches, { record: event.switch, steps: [], seen: true })
  if (event.type === 'switch.step') return change(switches, event.id, (one) => withStep(one, event))
  if (event.type === 'switch.finished') {
    const known = switches.find((one) => one.record.id === event.switch.id)
    return newest(switches, { record: event.switch, steps: known?.steps ?? [], seen: true })
  }
  return switches
}

/**
 * The history as it was read, with what only the events have told. One that runs is seen from now on. `begun`: what began
 * while it was read. An event may overtake the list: what has ended does not run again, and what began is not gone.
 */
export function listedSwitches(
  known: readonly SwitchView[],
  records: readonly SwitchRecord[],
  begun: ReadonlySet<string> = new Set(),
): readonly SwitchView[] {
  const missing = known.filter(({ record: { id } }) => begun.has(id) && !records.some((one) => one.id === id))
  const listed = records.map((record) => {
    const before = known.find((one) => one.record.id === record.id)
    const newest = before?.record.outcome !== undefined && record.outcome === undefined ? before.record : record
    return { record: newest, steps: before?.steps ?? [], seen: before?.seen ?? record.outcome === undefined }
  })
  return [...missing, ...listed].slice(0, keptSwitches)
}

function withStep(view: SwitchView, { to, step, state, ms, progress, note, at }: YardEvent & { type: 'switch.step' }): SwitchView {
  const since = view.steps.find((one) => one.step === step && one.state !== 'done')?.since ?? (state === 'started' ? at : undefined)
  const record = to === undefined || view.record.to === to ? view.record : { ...view.record, to }
  return { ...view, record, steps: put(view.steps, { step, state, since, ms, progress, note }, (one) => one.step) }
}

const change = (switches: readonly SwitchView[], id: string, by: (one: SwitchView) => SwitchView): readonly SwitchView[] =>
  switches.map((one) => (one.record.id === id ? by(one) : one))

function newest(switches: readonly SwitchView[], added: SwitchView): readonly SwitchView[] {
  const { id } = added.record
  if (switches.some((one) => one.record.id === id)) return change(switches, id, () => added)
  return [added, ...switches].slice(0, keptSwitches)
}

/** The job after an event of it; undefined when the event is of another, or of none. */
export function foldJob(job: Job | undefined, event: YardEvent): Job | undefined {
  if (event.type === 'job.created' || event.type === 'job.stage' || event.type === 'job.finished') return event.job
  if (event.type !== 'job.progress' || job?.id !== event.id) return undefined
  const { note, bytesTotal, bytesPerSecond, secondsLeft } = event
  // What this moment does not know is not told from an earlier one.
  const { note: _, bytesPerSecond: __, secondsLeft: ___, ...lasting } = job
  return {
    ...lasting,
    stage: event.stage,
    bytesDone: event.bytesDone,
    ...(bytesTotal !== undefined && { bytesTotal }),
    ...(bytesPerSecond !== undefined && { bytesPerSecond }),
    ...(secondsLeft !== undefined && { secondsLeft }),
    ...(note !== undefined && { note }),
  }
}

/** The id of the job that an event is about. */
export function jobOf(event: YardEvent): string | undefined {
  if (event.type === 'job.progress' || event.type === 'job.stage') return event.id
  return event.type === 'job.created' || event.type === 'job.finished' ? event.job.id : undefined
}

/** In its place where one of its name is there, else at the end. */
function put<T>(list: readonly T[], one: T, nameOf: (one: T) => string): readonly T[] {
  const at = list.findIndex((other) => nameOf(other) === nameOf(one))
  return at < 0 ? [...list, one] : list.with(at, one)
}
