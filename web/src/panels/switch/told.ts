/** What is said of a switch while it runs and when it has ended. Pure. */
import type { Slot, SwitchRecord } from '../../sdk.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import type { StepView, SwitchView } from '../../yard/fold.ts'
import { stepsOf } from './steps.ts'

const words = text.switch

/** The name without its engine, unless a model of another engine has the same name here. */
export function nameOf(ref: string, others: readonly (string | undefined)[] = []): string {
  const name = bare(ref)
  const twin = others.some((one) => one !== undefined && one !== ref && bare(one) === name)
  return shown(twin ? ref : name, 120)
}

const bare = (ref: string): string => ref.slice(ref.indexOf('/') + 1)

export interface Names {
  readonly to: string | undefined
  readonly from: string | undefined
  /** What serves now, as the record has it. */
  readonly now: string | undefined
}

/** The models that a record speaks of, such that two of them are never told by the same name. */
export function namesOf({ to, from, ref }: SwitchRecord): Names {
  const all = [to, from, ref]
  const name = (one: string | undefined): string | undefined => (one === undefined ? undefined : nameOf(one, all))
  return { to: name(to), from: name(from), now: name(ref) }
}

const begun = (steps: readonly StepView[], ...names: readonly string[]): boolean => steps.some((one) => names.includes(one.step))
const runs = (steps: readonly StepView[], name: string): boolean =>
  steps.some((one) => one.step === name && (one.state === 'started' || one.state === 'progress'))

export function titleOf({ record, steps }: SwitchView): string {
  const { to, from } = namesOf(record)
  if (record.outcome !== undefined) return outcomeText(record)
  return begun(steps, 'roll_back') ? words.goingBack(from, record.slot) : words.switchingTo(to, record.slot)
}

/**
 * What requests meet while it runs, and nothing that is not known yet: whether the old model serves until the end is
 * decided when room has been looked for.
 */
export function meanwhile(view: SwitchView, slot: Slot | undefined): string | undefined {
  const { record } = view
  const steps = stepsOf(view)
  if (begun(steps, 'cut_over')) return undefined
  const { from } = namesOf(record)
  if (slot?.state === 'switching') {
    if (from === undefined) return words.firstOne
    return runs(steps, 'drain') ? words.draining(from, slot.leases) : words.requestsWait
  }
  if (from === undefined || slot?.state !== 'serving') return undefined
  if (begun(steps, 'roll_back')) return words.servesNow(from)
  return begun(steps, 'load', 'verify', 'unload') ? words.keepsServing(from) : words.servesNow(from)
}

/** Why it cannot be cancelled any more; undefined while it can. */
export function tooLate(view: SwitchView): string | undefined {
  const steps = stepsOf(view)
  if (begun(steps, 'cut_over', 'persist')) return words.tooLate
  return begun(steps, 'roll_back') ? words.goesBack : undefined
}

/** What serves now, always first. */
export function outcomeText(record: SwitchRecord): string {
  const { now, to } = namesOf(record)
  const { outcome, slot } = record
  switch (outcome) {
    case 'switched':
    case 'already_active':
      return words.outcome[outcome](now ?? to ?? '', slot)
    case 'rolled_back':
    case 'rejected':
    case 'cancelled':
      return words.outcome[outcome](now, slot)
    case 'degraded':
      return words.outcome.degraded(slot)
    default:
      return words.outcome.superseded(to)
  }
}

export type Tone = 'good' | 'warn' | 'bad' | undefined

export function toneOf({ outcome, persisted }: SwitchRecord): Tone {
  if (outcome === 'switched') return persisted === false ? 'warn' : 'good'
  if (outcome === 'already_active') return 'good'
  if (outcome === 'degraded') return 'bad'
  return outcome === 'rolled_back' || outcome === 'rejected' ? 'warn' : undefined
}

/** One that needs nobody's attention any more: it folds into a line when something else is done. Else it stays until closed. */
export const folds = (record: SwitchRecord): boolean =>
  record.warnings.length === 0 && (toneOf(record) === 'good' || record.outcome === 'cancelled' || record.outcome === 'superseded')

/** What a screen reader is told: the start, and how it ended. */
export function announced(view: SwitchView): string {
  const { record } = view
  if (record.outcome === undefined) return words.switchingTo(namesOf(record).to, record.slot)
  if (record.error === undefined || record.outcome === 'cancelled' || record.outcome === 'superseded') return outcomeText(record)
  const { to } = namesOf(record)
  const failed = to === undefined ? '' : words.failed(to)
  return [outcomeText(record), failed, shown(record.error.message, 300), shown(record.error.hint, 300)].filter(Boolean).join(' ')
}
