/** What was hidden stays hidden in this tab, also after a reload. */
import { effect } from '@preact/signals'
import { hiddenJobs, hideJobs } from './hidden-jobs.ts'

const key = 'modelyard.hidden-jobs'

export function keepHiddenJobs(): void {
  hideJobs(read())
  effect(() => {
    const { value } = hiddenJobs
    try {
      sessionStorage.setItem(key, JSON.stringify([...value]))
    } catch {
      // Hidden until the next reload, where nothing may be stored.
    }
  })
}

function read(): string[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? '[]')
    return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : []
  } catch {
    return []
  }
}
