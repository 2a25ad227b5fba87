/**
 * The switch machine of one slot: `(state, event) -> (state, effects)`. No clock, no I/O, no log. design.md draws it.
 *
 * What it keeps whatever happens: at most one run; at most one cut-over per run; exactly one ending per admitted
 * switch; `serving` is only ever set to what has just been verified; a run that may have disturbed what served does
 * not end before that has answered again, or is said to be `degraded`.
 */
import { type ErrorBody, ModelyardError, type Outcome } from '../contract/index.ts'
import type { Admitted, Effect, Ending, MachineEvent, MachineState, Run, Stepped } from './machine-state.ts'
import { planRoom } from './plan-room.ts'
import type { Target } from './ports.ts'

export const emptyMachine = (slot: string, epoch = 0): MachineState => ({
  slot,
  epoch,
  condition: 'empty',
  admission: 'open',
  owed: false,
})

export function step(state: MachineState, event: MachineEvent): Stepped {
  switch (event.type) {
    case 'admitted':
      return onAdmitted(state, event.switch)
    case 'cancel':
      return onCancel(state, event.id)
    case 'emptied':
      return onEmptied(state)
    default:
      return state.run ? onResult(state, state.run, event) : stay(state)
  }
}

export const sameTarget = (a: Target, b: Target): boolean =>
  a.provider === b.provider && a.name === b.name && optionsKey(a) === optionsKey(b)

const optionsKey = ({ load }: Target): string => JSON.stringify([load.contextLength, load.gpuLayers, load.keepAlive])

const stay = (state: MachineState): Stepped => ({ state, effects: [] })

/** Starts at once, or takes the place of what runs, or waits behind a cut-over that cannot be taken back. */
function onAdmitted(state: MachineState, admitted: Admitted): Stepped {
  if (!state.run) return begin(state, admitted)
  const queued = { ...state, next: admitted }
  const effects: Effect[] = state.next ? [{ type: 'finish', ending: unstarted(state, state.next, 'superseded') }] : []
  if (!canStop(state.run) || state.run.stop || joins(state.run, admitted)) return { state: queued, effects }
  return { state: { ...queued, run: { ...state.run, stop: 'superseded' } }, effects: [...effects, { type: 'abort' }] }
}

/** The same again while it runs: let it end, and see then that there is nothing to do. */
const joins = (run: Run, admitted: Admitted): boolean => run.kind === 'switch' && sameTarget(run.to, admitted.to)

/** Until the cut-over, and not once the old model is being put back. */
const canStop = (run: Run): boolean => run.phase !== 'persist' && run.phase !== 'restore'

function onCancel(state: MachineState, id: string): Stepped {
  if (state.next?.id === id) {
    return { state: { ...state, next: undefined }, effects: [{ type: 'finish', ending: unstarted(state, state.next, 'cancelled') }] }
  }
  const run = state.run
  if (run?.id !== id || run.stop || !canStop(run)) return stay(state)
  return { state: { ...state, run: { ...run, stop: 'cancelled' } }, effects: [{ type: 'abort' }] }
}

function begin(state: MachineState, admitted: Admitted): Stepped {
  const run: Run = { ...admitted, from: state.serving?.target, phase: 'turn', loadBegun: false, wasLoaded: false, warnings: [] }
  // While nothing has served yet, or nothing answers, requests wait for this run instead of failing.
  const admission = state.serving && !state.owed && state.condition === 'serving' ? state.admission : 'closed'
  return { state: { ...state, run, admission }, effects: [{ type: 'take_turn', run }] }
}

/** Leases that were given out end where they are; the model goes after the last of them. */
function onEmptied(state: MachineState): Stepped {
  if (state.run) return stay(state)
  const old = state.serving
  const effects: Effect[] = old ? [{ type: 'release', target: old.target, epoch: old.epoch }] : []
  return { state: emptyMachine(state.slot, state.epoch), effects }
}

/** The result of the effect under way. */
function onResult(state: MachineState, run: Run, event: Exclude<MachineEvent, { type: 'admitted' | 'cancel' | 'emptied' }>): Stepped {
  if (event.type === 'persisted') return run.phase === 'persist' ? conclude(state, run, event) : stay(state)
  if (event.type === 'restored') return run.phase === 'restore' ? backAgain(state, run, event.warnings) : stay(state)
  if (event.type === 'failed') return onFailed(state, run, event.error)
  if (!expected(run, event.type)) return stay(state)
  const progressed = advance(run, event)
  if (run.stop) return stopRun({ ...state, run: progressed }, progressed)
  return proceed({ ...state, run: progressed }, progressed, event)
}

const resultOf = {
  turn_taken: 'turn',
  surveyed: 'survey',
  intent_written: 'intent',
  drained: 'drain',
  drain_timed_out: 'drain',
  unloaded: 'unload',
  loaded: 'load',
  verified: 'verify',
} as const

type ForwardEvent = Exclude<MachineEvent, { type: 'admitted' | 'cancel' | 'emptied' | 'persisted' | 'restored' | 'failed' }>

const expected = (run: Run, type: ForwardEvent['type']): boolean => resultOf[type] === run.phase

/** What the result adds to what is known of the run. */
function advance(run: Run, event: ForwardEvent): Run {
  switch (event.type) {
    case 'surveyed':
      return { ...run, wasLoaded: event.facts.toLoaded }
    case 'loaded':
      return { ...run, warnings: [...run.warnings, ...event.warnings] }
    case 'verified':
      return { ...run, verification: event.verification }
    default:
      return run
  }
}

function proceed(state: MachineState, run: Run, event: ForwardEvent): Stepped {
  switch (event.type) {
    case 'turn_taken':
      return enter(state, run, 'survey')
    case 'surveyed':
      return onSurveyed(state, run, event.facts)
    case 'intent_written':
      return onIntent(state, run)
    case 'drained':
      return enter({ ...state, owed: true }, run, 'unload')
    case 'drain_timed_out':
      return fail(state, run, event.error)
    case 'unloaded':
      return startLoad(state, run)
    case 'loaded':
      return enter(state, run, 'verify')
    case 'verified':
      return cutOver(state, run)
  }
}

function onSurveyed(state: MachineState, run: Run, facts: Parameters<typeof planRoom>[1]): Stepped {
  const serving = state.serving
  if (serving && !state.owed && state.condition === 'serving' && facts.fromAlive && sameTarget(serving.target, run.to)) {
    return end(state, run, 'already_active')
  }
  const plan = planRoom(run.policy, facts)
  if ('reject' in plan) return fail(state, run, plan.reject)
  return enter(state, { ...run, plan, warnings: [...run.warnings, ...plan.warnings] }, 'intent')
}

function onIntent(state: MachineState, run: Run): Stepped {
  const { plan } = run
  if (!plan || plan.unload.length === 0) return startLoad(state, run)
  if (!plan.interrupts) return enter({ ...state, owed: state.serving !== undefined }, run, 'unload')
  return enter({ ...state, admission: 'closed' }, run, 'drain')
}

/** From here on the engine may evict what serves, even by failing (Ollama and llama.cpp's router do). */
function startLoad(state: MachineState, run: Run): Stepped {
  return enter({ ...state, owed: state.owed || (state.serving !== undefined && !run.wasLoaded) }, { ...run, loadBegun: true }, 'load')
}

/** One assignment; nothing before it may be lost, nothing after it taken back. */
function cutOver(state: MachineState, run: Run): Stepped {
  const epoch = state.epoch + 1
  const next: MachineState = {
    ...state,
    epoch,
    serving: { target: run.to, epoch },
    choice: undefined,
    condition: 'serving',
    reason: undefined,
    admission: 'open',
    owed: false,
  }
  const released = releaseOf(state, run)
  const entered = enter(next, { ...run }, 'persist')
  return { state: entered.state, effects: [...released, ...entered.effects] }
}

/** `overlap` leaves the old model loaded; the others let go of it when its last lease has ended. */
function releaseOf(state: MachineState, run: Run): Effect[] {
  const old = state.serving
  if (!old || run.policy === 'overlap' || (old.target.provider === run.to.provider && old.target.name === run.to.name)) return []
  return [{ type: 'release', target: old.target, epoch: old.epoch }]
}

function conclude(state: MachineState, run: Run, event: { ok: boolean; warnings: readonly string[] }): Stepped {
  return end(state, { ...run, warnings: [...run.warnings, ...event.warnings] }, 'switched', { persisted: event.ok })
}

function onFailed(state: MachineState, run: Run, error: ErrorBody): Stepped {
  if (run.phase === 'restore') return lost(state, run, error)
  if (run.phase === 'persist') return conclude(state, run, { ok: false, warnings: [`The choice could not be written: ${error.message}`] })
  if (run.stop) return stopRun(state, run)
  return fail(state, run, error)
}

/** Failed before its cut-over: `rejected` while nothing was touched, else the old model is put back. */
function fail(state: MachineState, run: Run, error: ErrorBody): Stepped {
  const failed = { ...run, error }
  const touched = run.phase === 'unload' || run.phase === 'load' || run.phase === 'verify'
  return unwind(state, failed, touched ? 'rolled_back' : 'rejected')
}

/**
 * Cancelled or superseded. Whoever comes next inherits the debt towards what served, so that nothing is loaded only
 * to be unloaded again.
 */
function stopRun(state: MachineState, run: Run): Stepped {
  const outcome: Outcome = run.stop ?? 'cancelled'
  const error = new ModelyardError(outcome === 'superseded' ? 'superseded' : 'cancelled').toBody()
  if (!state.next) return unwind(state, { ...run, error }, outcome)
  if (!run.loadBegun) return end(state, { ...run, error }, outcome)
  return enter(state, { ...run, error, ending: outcome, handsOver: true }, 'restore')
}

/** Puts back what was disturbed, if anything was, then ends. */
function unwind(state: MachineState, run: Run, outcome: Outcome): Stepped {
  if (!state.owed && !run.loadBegun) return end(state, run, outcome)
  return enter(state, { ...run, ending: outcome }, 'restore')
}

/** What served answers again; or there was nothing to put back. */
function backAgain(state: MachineState, run: Run, warnings: readonly string[]): Stepped {
  const ended = { ...run, warnings: [...run.warnings, ...warnings] }
  if (run.handsOver)
    return state.next || !state.owed
      ? end(state, ended, run.ending ?? 'superseded')
      : enter(state, { ...ended, handsOver: false }, 'restore')
  const back: MachineState = { ...state, owed: false, ...(state.serving && { condition: 'serving' as const, reason: undefined }) }
  return end(back, ended, run.ending ?? 'rolled_back')
}

/** Neither the new nor the old model answers. */
function lost(state: MachineState, run: Run, error: ErrorBody): Stepped {
  if (run.handsOver) return backAgain(state, run, [error.message])
  const reason = run.error ? { ...run.error, message: `${run.error.message} And the old model does not answer: ${error.message}` } : error
  if (!state.serving) return end(state, { ...run, warnings: [...run.warnings, error.message] }, run.ending ?? 'rolled_back')
  return end({ ...state, condition: 'degraded', reason, owed: false }, { ...run, error: reason }, 'degraded')
}

function enter(state: MachineState, run: Run, phase: Run['phase']): Stepped {
  const entered: Run = { ...run, phase }
  return { state: { ...state, run: entered }, effects: [effectOf(state, entered)] }
}

function effectOf(state: MachineState, run: Run): Effect {
  const serving = state.serving?.target
  switch (run.phase) {
    case 'turn':
      return { type: 'take_turn', run }
    case 'survey':
      return { type: 'survey', run, serving }
    case 'intent':
      return { type: 'write_intent', run }
    case 'drain':
      return { type: 'drain', epoch: state.serving?.epoch ?? state.epoch }
    case 'unload':
      return { type: 'unload', run, plan: run.plan ?? { way: 'replace', unload: [], interrupts: false, warnings: [] } }
    case 'load':
      return { type: 'load', run }
    case 'verify':
      return { type: 'verify', run }
    case 'persist':
      return { type: 'persist', run }
    case 'restore':
      return { type: 'restore', run, back: run.handsOver ? undefined : serving }
  }
}

/** The run is over: its one ending, and the next one begins. */
function end(state: MachineState, run: Run, outcome: Outcome, more: { persisted?: boolean } = {}): Stepped {
  const ending: Ending = {
    id: run.id,
    kind: run.kind,
    outcome,
    from: run.from,
    to: run.to,
    serving: answering(state),
    epoch: state.epoch,
    persisted: more.persisted ?? false,
    warnings: run.warnings,
    error: outcome === 'switched' || outcome === 'already_active' ? undefined : run.error,
    verification: run.verification,
  }
  const rested: MachineState = { ...settle(state, run, outcome), run: undefined, next: undefined }
  const finish: Effect = { type: 'finish', ending }
  if (!state.next) return { state: rested, effects: [finish] }
  const begun = begin(rested, state.next)
  return { state: begun.state, effects: [finish, ...begun.effects] }
}

const answering = (state: MachineState): Target | undefined => (state.condition === 'serving' ? state.serving?.target : undefined)

/** How the slot stands when no run is under way. */
function settle(state: MachineState, run: Run, outcome: Outcome): MachineState {
  const admission = state.owed && state.next ? 'closed' : 'open'
  if (run.kind !== 'restore' || outcome === 'switched' || outcome === 'already_active') return { ...state, admission }
  return {
    ...state,
    admission,
    condition: state.serving ? state.condition : 'unverified',
    choice: state.choice ?? run.to,
    reason: run.error,
  }
}

/** The ending of a switch that waited behind another and never began. */
function unstarted(state: MachineState, admitted: Admitted, outcome: 'cancelled' | 'superseded'): Ending {
  return {
    id: admitted.id,
    kind: admitted.kind,
    outcome,
    from: state.serving?.target,
    to: admitted.to,
    serving: answering(state),
    epoch: state.epoch,
    persisted: false,
    warnings: [],
    error: new ModelyardError(outcome).toBody(),
  }
}
