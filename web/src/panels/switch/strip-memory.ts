/** What a person has done with the strips of this tab: which were closed, and which have been looked at long enough. */
import { type Signal, signal } from '@preact/signals'

/** By the id of their switch. */
export const closed = signal<ReadonlySet<string>>(new Set())
/** Shown as one quiet line. */
export const folded = signal<ReadonlySet<string>>(new Set())

export function put(into: Signal<ReadonlySet<string>>, id: string, there: boolean): void {
  if (into.peek().has(id) === there) return
  const ids = new Set(into.peek())
  if (there) ids.add(id)
  else ids.delete(id)
  into.value = ids
}
