/** Jobs that ended and were hidden: in this tab only, also after a reload. The service keeps them all the same. */
import { type ReadonlySignal, signal } from '@preact/signals'

const key = 'modelyard.hidden-jobs'
/** As many as the service tells of. */
const most = 500

const ids = signal<ReadonlySet<string>>(read())
export const hiddenJobs: ReadonlySignal<ReadonlySet<string>> = ids

export function hideJobs(more: readonly string[]): void {
  ids.value = new Set([...ids.value, ...more].slice(-most))
  try {
    sessionStorage.setItem(key, JSON.stringify([...ids.value]))
  } catch {
    // Hidden until the next reload, where nothing may be stored.
  }
}

function read(): ReadonlySet<string> {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? '[]')
    return new Set(Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : [])
  } catch {
    return new Set()
  }
}
