/** Into a slot, with the waiting and the refusals counted. */
import { ModelyardError } from '../contract/index.ts'
import type { Admission, Admitted } from './admit.ts'
import { outcomeOf, type QueuedRequest, type UsageMeter } from './usage.ts'

export interface EnterCountedOptions {
  readonly admission: Pick<Admission, 'enter' | 'tryEnter'>
  readonly meter: Pick<UsageMeter, 'queue' | 'refused'>
}

/** Throws what the admission throws. `waitedMs` is for `UsageMeter.begin`. */
export async function enterCounted(
  { admission, meter }: EnterCountedOptions,
  { slot, route, signal }: { readonly slot: string; readonly route: string; readonly signal: AbortSignal },
): Promise<{ admitted: Admitted; waitedMs: number }> {
  let queued: QueuedRequest | undefined
  try {
    const atOnce = admission.tryEnter(slot)
    if (atOnce) return { admitted: atOnce, waitedMs: 0 }
    queued = meter.queue({ slot, route })
    const admitted = await admission.enter(slot, signal)
    return { admitted, waitedMs: queued.admitted() }
  } catch (error) {
    const outcome = outcomeOf(error, signal)
    if (queued) queued.refused(outcome)
    // A name that is no slot has no numbers.
    else if (!(ModelyardError.is(error) && error.code === 'slot_not_found')) meter.refused({ slot, route, outcome })
    throw error
  }
}
