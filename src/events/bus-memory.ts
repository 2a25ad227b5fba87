import type { EventInput, HistoryEvent } from '../contract/index.ts'
import type { EventBus } from './bus.ts'

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
  let kept: HistoryEvent[] = []
  let seq = first

  const tell = (listener: (event: HistoryEvent) => void, event: HistoryEvent): void => {
    try {
      listener(event)
    } catch (error) {
      onFault(error)
    }
  }

  return {
    get seq() {
      return seq
    },
    emit(input: EventInput) {
      seq += 1
      const event = { seq, at: new Date(now()).toISOString(), ...input } as HistoryEvent
      kept.push(event)
      // Cut in blocks: a shift per event would move everything each time.
      if (kept.length >= capacity * 2) kept = kept.slice(-capacity)
      for (const listener of [...listeners]) tell(listener, event)
      return event
    },
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    after(since) {
      const oldest = kept.length > capacity ? (kept.at(-capacity)?.seq ?? first) : (kept[0]?.seq ?? seq + 1)
      if (!Number.isSafeInteger(since) || since > seq || since < oldest - 1) return undefined
      return kept.filter((event) => event.seq > since)
    },
  }
}
