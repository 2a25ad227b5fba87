/** Emptying a slot: its choice is forgotten on disk and in the `.env` first, then it stops serving. */
import { ModelyardError } from '../contract/index.ts'
import type { SwitchStore } from './ports.ts'
import type { SlotRuntime } from './slot-runtime.ts'

export interface Emptying {
  readonly store: SwitchStore
  /** Cancels the restore that runs, if one does; done when it has ended. */
  readonly stopRestore: (slot: SlotRuntime) => Promise<void>
  readonly emptied: (slot: SlotRuntime) => void
}

/** A write that failed throws, and nothing has changed. Resolves with what the mirror refused. */
export async function emptySlot({ store, stopRestore, emptied }: Emptying, slot: SlotRuntime): Promise<string[]> {
  refuseBusy(slot)
  const { warnings } = await store.writeChoice(slot.name, undefined)
  // What is being brought up, or about to be, is no longer wanted.
  slot.remembered = undefined
  slot.restoring = false
  slot.emptying = true
  await stopRestore(slot)
  slot.emptying = false
  // A switch that began meanwhile writes its own choice.
  refuseBusy(slot)
  slot.problem = undefined
  slot.idle = false
  slot.since = undefined
  slot.verifiedAt = undefined
  slot.ours.before = slot.ours.serving
  slot.ours.serving = false
  emptied(slot)
  return warnings
}

function refuseBusy({ name, state }: SlotRuntime): void {
  const isSwitched = state.next ?? (state.run?.kind === 'switch' && state.run)
  if (isSwitched)
    throw new ModelyardError('conflict', `The slot "${name}" is being switched.`, { hint: 'Try again when the switch has ended.' })
}
