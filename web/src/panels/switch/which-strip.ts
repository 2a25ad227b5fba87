/** Which switch of a slot is shown: its newest, as long as there is something to say about it. Pure. */
import type { Slot } from '../../sdk.ts'
import type { SwitchView } from '../../yard/fold.ts'

/** One that runs, or has ended while this page looked; of the past only what still explains why nothing answers. */
export function stripOf(switches: readonly SwitchView[], slot: Slot | undefined, closed: ReadonlySet<string>): SwitchView | undefined {
  const newest = switches.find((one) => one.record.slot === slot?.slot)
  if (!newest) return undefined
  const { outcome, id } = newest.record
  if (outcome === undefined) return newest
  if (outcome === 'degraded' && slot?.state === 'degraded') return newest
  return newest.seen === true && !closed.has(id) ? newest : undefined
}

/** The one that gave way to this: its ending came while this one was there. */
export function gaveWayTo(switches: readonly SwitchView[], view: SwitchView): SwitchView | undefined {
  const at = switches.indexOf(view)
  const before = at < 0 ? undefined : switches.slice(at + 1).find((one) => one.record.slot === view.record.slot)
  return before?.record.outcome === 'superseded' && (before.record.endedAt ?? '') >= view.record.startedAt ? before : undefined
}
