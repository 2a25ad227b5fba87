/** What one slot is at run time: the machine's state and everything that is not its business (gate, clocks, turns). */
import { type EffectiveSlotSettings, joinRef, ModelyardError, type Slot } from '../contract/index.ts'
import { type Admission, createGate, type Gate } from './gate.ts'
import { emptyMachine } from './machine.ts'
import type { MachineState } from './machine-state.ts'
import type { Occupant } from './plan-room.ts'
import type { Choice } from './ports.ts'
import { slotEmpty } from './slot-empty.ts'
import type { Turn } from './turns.ts'

export interface SlotRuntime {
  readonly name: string
  readonly gate: Gate
  state: MachineState
  settings: EffectiveSlotSettings
  /** The remembered choice as it was read at the start, until it has been brought up. */
  remembered?: Choice | undefined
  /** Why there is no usable choice, or why it could not be brought up. */
  problem?: ModelyardError | undefined
  /** A restore is being prepared: requests wait. */
  restoring: boolean
  /** A restore is being given up: requests wait for what becomes of it. */
  emptying: boolean
  idle: boolean
  since?: string | undefined
  verifiedAt?: string | undefined
  /** The run that has the engines' turn. */
  turn?: { readonly owner: string; readonly turn: Turn } | undefined
  abort?: AbortController | undefined
  /** Bytes of the model that is being switched to. */
  sizeBytes?: number | undefined
  /** Was it loaded by us, also before a restart: what is being loaded, what serves, and what served before that. */
  readonly ours: { loading: boolean; serving: boolean; before: boolean }
  /** What else was in memory when the run began, to put it back as well. */
  others: readonly Occupant[]
  closed?: ModelyardError | undefined
}

export function createSlotRuntime(name: string, settings: EffectiveSlotSettings, wake: (slot: SlotRuntime) => void): SlotRuntime {
  const slot: SlotRuntime = {
    name,
    settings,
    state: emptyMachine(name),
    restoring: false,
    emptying: false,
    idle: false,
    others: [],
    ours: { loading: false, serving: false, before: false },
    gate: createGate({ admission: () => admissionOf(slot, wake), settings: () => slot.settings }),
  }
  return slot
}

/** Requests wait only while something is being brought up; where nothing will serve they are refused at once. */
function admissionOf(slot: SlotRuntime, wake: (slot: SlotRuntime) => void): Admission {
  const { state } = slot
  if (slot.closed) return { open: false, wait: false, error: slot.closed }
  if (state.condition === 'serving' && state.admission === 'open' && state.serving) return { open: true, serving: state.serving }
  if (state.run || slot.restoring || slot.emptying) return { open: false, wait: true }
  if (mayWake(slot)) {
    wake(slot)
    return { open: false, wait: true }
  }
  return { open: false, wait: false, error: refusal(slot) }
}

/** A remembered choice that nobody has tried yet: `lazy` brings it up for the first request. */
const mayWake = (slot: SlotRuntime): boolean => slot.remembered !== undefined && !slot.problem && slot.state.condition !== 'degraded'

function refusal(slot: SlotRuntime): ModelyardError {
  const reason = slot.state.reason ?? slot.problem?.toBody()
  if (!reason && !slot.remembered) return slotEmpty(slot.name)
  return new ModelyardError(
    'slot_unavailable',
    `The slot "${slot.name}" has no model that answers: ${reason?.message ?? 'it was not verified'}`,
    {
      hint: reason?.hint,
      details: reason && { code: reason.code },
    },
  )
}

export function viewSlot(slot: SlotRuntime): Slot {
  const { state, gate, settings } = slot
  const target = state.serving?.target ?? state.choice ?? slot.remembered
  const reason = state.reason ?? slot.problem?.toBody()
  const condition = state.condition === 'empty' && (slot.remembered || slot.problem) ? 'unverified' : state.condition
  const between = (state.run && (state.condition !== 'serving' || state.admission === 'closed')) || slot.restoring || slot.emptying
  return {
    slot: slot.name,
    ...(target && { model: target.name }),
    ...(target?.provider && { provider: target.provider, ref: joinRef(target.provider, target.name) }),
    state: between ? 'switching' : condition,
    ...(slot.idle && state.condition === 'serving' && { idle: true }),
    ...(slot.since && { since: slot.since }),
    ...(slot.verifiedAt && { verifiedAt: slot.verifiedAt }),
    leases: gate.leases,
    waiting: gate.waiting,
    policy: settings.policy,
    epoch: state.epoch,
    ...(reason && !between && condition !== 'serving' && { reason: { code: reason.code, message: reason.message, hint: reason.hint } }),
    ...(state.run?.kind === 'switch' && { switching: state.run.id }),
    restore: settings.restore,
    queueSeconds: settings.queueSeconds,
    drainSeconds: settings.drainSeconds,
    maxRequests: settings.maxRequests,
  }
}
