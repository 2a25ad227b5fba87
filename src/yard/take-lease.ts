/** A lease on the model of a slot, with the waiting and the refusals counted. */
import { ModelyardError } from '../contract/index.ts'
import type { Lease } from '../switching/gate.ts'
import type { Switcher } from '../switching/switcher.ts'
import { outcomeOf, type QueuedRequest, type UsageMeter } from './usage.ts'

export interface TakeLeaseOptions {
  readonly switcher: Pick<Switcher, 'enter' | 'tryEnter'>
  readonly meter: Pick<UsageMeter, 'queue' | 'refused'>
}

/** Throws what the gate throws. `waitedMs` is for `UsageMeter.begin`. */
export async function takeLease(
  { switcher, meter }: TakeLeaseOptions,
  { slot, route, signal }: { slot: string; route: string; signal: AbortSignal },
): Promise<{ lease: Lease; waitedMs: number }> {
  let queued: QueuedRequest | undefined
  try {
    const atOnce = switcher.tryEnter(slot)
    if (atOnce) return { lease: atOnce, waitedMs: 0 }
    queued = meter.queue({ slot, route })
    const lease = await switcher.enter(slot, signal)
    return { lease, waitedMs: queued.admitted() }
  } catch (error) {
    const outcome = outcomeOf(error, signal)
    if (queued) queued.refused(outcome)
    // A name that is no slot has no numbers.
    else if (!(ModelyardError.is(error) && error.code === 'slot_not_found')) meter.refused({ slot, route, outcome })
    throw error
  }
}
