import type { EventInput, HistoryEvent } from '../contract/index.ts'
import type { EventBus } from './bus.ts'
import { newestProgress } from './newest-progress.ts'

export interface EventBusOptions {
  /** The number before the first event's. */
  readonly firstSeq?: number
  /** Events that are kept for those who come back. */
  readonly capacity?: number
  readonly now?: () => number
  /** Told what a listener threw: neither the emitter nor the other listeners are. */
  readonly onFault?: (error: unknown) => void
}

/**
 * The history in memory. Numbers start at the microseconds of the clock, so above every earlier run's unless that
 * emitted a thousand events a millisecond; where a clock went back, an old number lies above ours and is not known.
 */
export function createEventBus({ firstSeq, capacity = 2000, now = Date.now, onFault = () => {} }: EventBusOptions = {}): EventBus {
  const listeners = new Set<(event: HistoryEvent) => void>()
  const first = firstSeq ?? now() * 1000
  /** By number, in order. Of progress only the newest: hours of it would push everything else out. */
  const kept = new Map<number, HistoryEvent>()
  const progress = newestProgress()
  let seq = first
  /** Whoever has seen less than this has missed what is not kept any more. */
  let forgotten = first

  const tell = (listener: (event: HistoryEvent) => void, event: HistoryEvent): void => {
    try {
      listener(event)
    } catch (error) {
      onFault(error)
    }
  }

  const keep = (event: HistoryEvent): void => {
    const older = progress.add(event)
    if (older !== undefined) kept.delete(older)
    kept.set(event.seq, event)
    const [oldest] = kept.values()
    if (kept.size <= capacity || !oldest) return
    kept.delete(oldest.seq)
    progress.remove(oldest)
    forgotten = oldest.seq
  }

  return {
    get seq() {
      return seq
    },
    emit(input: EventInput) {
      seq += 1
      const event = { seq, at: new Date(now()).toISOString(), ...input } as HistoryEvent
      keep(event)
      for (const listener of [...listeners]) tell(listener, event)
      return event
    },
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    after(since) {
      if (!Number.isSafeInteger(since) || since > seq || since < forgotten) return undefined
      return [...kept.values()].filter((event) => event.seq > since)
    },
  }
}
