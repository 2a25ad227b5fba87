import type { YardEvent } from '../contract/index.ts'

/**
 * What an event tells the progress of: the newest says all, so an older one may be left out for whoever has not read
 * it. Undefined for every event that must be told.
 */
function progressOf(event: YardEvent): string | undefined {
  if (event.type === 'job.progress') return `job ${event.id}`
  return event.type === 'switch.step' && event.state === 'progress' ? `switch ${event.id} ${event.step}` : undefined
}

/** Which of the events that are held is the newest progress of each thing. As large as there are such events. */
export interface NewestProgress {
  /** Notes an event that is held from now on; gives the number of the one whose place it takes. */
  add(event: YardEvent): number | undefined
  /** It is not held any more. */
  remove(event: YardEvent): void
  clear(): void
}

export function newestProgress(): NewestProgress {
  const numbers = new Map<string, number>()
  return {
    add(event) {
      const thing = progressOf(event)
      if (thing === undefined) return undefined
      const before = numbers.get(thing)
      numbers.set(thing, event.seq)
      return before
    },
    remove(event) {
      const thing = progressOf(event)
      if (thing !== undefined && numbers.get(thing) === event.seq) numbers.delete(thing)
    },
    clear: () => numbers.clear(),
  }
}
