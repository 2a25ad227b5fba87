/** Jobs that ended and were hidden here. The service keeps them all the same. */
import { type ReadonlySignal, signal } from '@preact/signals'

/** As many as the service tells of. */
const most = 500

const ids = signal<ReadonlySet<string>>(new Set())
export const hiddenJobs: ReadonlySignal<ReadonlySet<string>> = ids

export function hideJobs(more: readonly string[]): void {
  ids.value = new Set([...ids.value, ...more].slice(-most))
}
