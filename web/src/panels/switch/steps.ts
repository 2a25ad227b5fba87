/** The steps of a switch as they are shown: those that events told, after those that the record has from before. Pure. */
import type { StepView, SwitchView } from '../../yard/fold.ts'

/** Never worth a word: they take no time, and a failure of theirs is the outcome. */
const silent: readonly string[] = ['resolve', 'admit']
/** Worth one only while they take time. */
const quick: readonly string[] = ['wait_turn', 'cut_over', 'release']
const quickMs = 100

export function stepsOf({ record, steps }: SwitchView): readonly StepView[] {
  // A record does not say which of its steps failed.
  const unclear = record.error !== undefined || steps.some((one) => one.step === 'roll_back')
  const earlier = unclear ? [] : record.steps.filter(({ step }) => !silent.includes(step) && !steps.some((one) => one.step === step))
  return [...earlier.map(({ step, ms }): StepView => ({ step, state: 'done', ms })), ...steps]
}

/** Those worth a word. What runs is always among them, also where no event has told what it is. */
export function stepsShown(view: SwitchView): readonly StepView[] {
  const all = stepsOf(view)
  const worth = all.filter(({ step, state, ms = 0 }) => state !== 'done' || !quick.includes(step) || ms >= quickMs)
  return view.record.outcome !== undefined || all.some(isRunning) ? worth : [...worth, { step: 'under_way', state: 'started' }]
}

export const isRunning = ({ state }: StepView): boolean => state === 'started' || state === 'progress'

/** Below this a time tells nothing. */
const leastMs = 1

/** How long it took, or has taken so far in whole seconds; undefined where there is nothing to tell. */
export function timeOf(step: StepView, now: number): number | undefined {
  if (!isRunning(step)) return step.ms !== undefined && step.ms >= leastMs ? step.ms : undefined
  const ms = step.since === undefined ? 0 : Math.floor((now - Date.parse(step.since)) / 1000) * 1000
  return ms >= 1000 ? ms : undefined
}
