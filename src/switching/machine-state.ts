/**
 * The words of the switch machine: its state, what happens to it, what it asks for. Pure data; see design.md for the
 * diagram.
 */
import type { ErrorBody, Outcome, Policy, Verification } from '../contract/index.ts'
import type { RoomFacts, RoomPlan } from './plan-room.ts'
import type { Target } from './ports.ts'

/** What a slot points at. It was verified when it was put here, always. */
export interface Serving {
  readonly target: Target
  readonly epoch: number
}

/** A switch that is known to be possible and waits for its turn in this slot. */
export interface Admitted {
  readonly id: string
  /** `restore` brings up the remembered choice after a start; it is no switch of anybody and persists nothing. */
  readonly kind: 'switch' | 'restore'
  readonly to: Target
  readonly policy: Policy
}

export const phases = ['turn', 'survey', 'intent', 'drain', 'unload', 'load', 'verify', 'persist', 'restore'] as const
export type Phase = (typeof phases)[number]

/** The one switch that runs. */
export interface Run extends Admitted {
  readonly phase: Phase
  /** What served when it began. */
  readonly from?: Target | undefined
  /** Why it is being ended before its cut-over. */
  readonly stop?: 'cancelled' | 'superseded' | undefined
  /** What made it fail: the error of the result, and what a roll back is for. */
  readonly error?: ErrorBody | undefined
  /** The outcome it will have once the old model is back; set together with phase `restore`. */
  readonly ending?: Outcome | undefined
  /** Superseded: only the new model is let go; the debt towards what served passes to the next run. */
  readonly handsOver?: boolean | undefined
  readonly plan?: RoomPlan | undefined
  /** The engine may have begun to load the new model. */
  readonly loadBegun: boolean
  /** The new model was in memory, with these options, before this switch. */
  readonly wasLoaded: boolean
  readonly verification?: Verification | undefined
  readonly warnings: readonly string[]
}

export interface MachineState {
  readonly slot: string
  readonly epoch: number
  readonly serving?: Serving | undefined
  /** Remembered, but not verified since the start. */
  readonly choice?: Target | undefined
  readonly condition: 'empty' | 'serving' | 'unverified' | 'degraded'
  /** Why it is `unverified` or `degraded`. */
  readonly reason?: ErrorBody | undefined
  readonly run?: Run | undefined
  /** The newest admitted switch; an older one that waited is superseded. */
  readonly next?: Admitted | undefined
  /**
   * `open`: requests go to what serves. `closed`: nothing serves for a while, requests wait.
   */
  readonly admission: 'open' | 'closed'
  /**
   * What served was unloaded, or may have been, and has not answered since: whoever ends a run with this set puts it
   * back first. A switch that supersedes another inherits the debt.
   */
  readonly owed: boolean
}

export type MachineEvent =
  | { readonly type: 'admitted'; readonly switch: Admitted }
  | { readonly type: 'cancel'; readonly id: string }
  /** Nothing is to serve any more. Without effect while a run is under way. */
  | { readonly type: 'emptied' }
  | { readonly type: 'turn_taken' }
  | { readonly type: 'surveyed'; readonly facts: RoomFacts }
  | { readonly type: 'intent_written' }
  | { readonly type: 'drained' }
  | { readonly type: 'drain_timed_out'; readonly error: ErrorBody }
  | { readonly type: 'unloaded' }
  | { readonly type: 'loaded'; readonly warnings: readonly string[] }
  | { readonly type: 'verified'; readonly verification: Verification }
  | { readonly type: 'persisted'; readonly ok: boolean; readonly warnings: readonly string[] }
  | { readonly type: 'restored'; readonly warnings: readonly string[] }
  /** The effect of the present phase failed, or was ended by an abort. */
  | { readonly type: 'failed'; readonly error: ErrorBody }

export interface Ending {
  readonly id: string
  readonly kind: Admitted['kind']
  readonly outcome: Outcome
  readonly from?: Target | undefined
  readonly to: Target
  readonly serving?: Target | undefined
  readonly epoch: number
  readonly persisted: boolean
  readonly warnings: readonly string[]
  readonly error?: ErrorBody | undefined
  readonly verification?: Verification | undefined
}

/**
 * What the one writer is asked to do. At most one effect of a run is under way; its result comes back as an event.
 * `abort`, `release` and `finish` have no result.
 */
export type Effect =
  | { readonly type: 'take_turn'; readonly run: Run }
  | { readonly type: 'survey'; readonly run: Run; readonly serving?: Target | undefined }
  | { readonly type: 'write_intent'; readonly run: Run }
  | { readonly type: 'drain'; readonly epoch: number }
  | { readonly type: 'unload'; readonly run: Run; readonly plan: RoomPlan }
  | { readonly type: 'load'; readonly run: Run }
  | { readonly type: 'verify'; readonly run: Run }
  | { readonly type: 'persist'; readonly run: Run }
  /** Lets go of the new model unless it was loaded before; then, with `back`, loads that and sees it answer. */
  | { readonly type: 'restore'; readonly run: Run; readonly back?: Target | undefined }
  | { readonly type: 'abort' }
  | { readonly type: 'release'; readonly target: Target; readonly epoch: number }
  | { readonly type: 'finish'; readonly ending: Ending }

export interface Stepped {
  readonly state: MachineState
  readonly effects: readonly Effect[]
}
