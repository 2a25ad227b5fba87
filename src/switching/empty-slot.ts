/** Emptying a slot: its choice is forgotten on disk and in the `.env` first, then it stops serving. */
import { ModelyardError } from '../contract/index.ts'
import type { SwitchStore } from './ports.ts'
import type { SlotRuntime } from './slot-runtime.ts'

/** A write that failed throws, and nothing has changed. Resolves with what the mirror refused. */
export async function emptySlot(store: SwitchStore, slot: SlotRuntime, emptied: (slot: SlotRuntime) => void): Promise<string[]> {
  refuseBusy(slot)
  const { warnings } = await store.writeChoice(slot.name, undefined)
  // A switch that began meanwhile writes its own choice.
  refuseBusy(slot)
  slot.remembered = undefined
  slot.problem = undefined
  slot.idle = false
  slot.since = undefined
  slot.verifiedAt = undefined
  slot.ours.before = slot.ours.serving
  slot.ours.serving = false
  emptied(slot)
  return warnings
}

function refuseBusy(slot: SlotRuntime): void {
  if (!slot.state.run && !slot.restoring) return
  throw new ModelyardError('conflict', `The slot "${slot.name}" is being switched.`, { hint: 'Try again when the switch has ended.' })
}
