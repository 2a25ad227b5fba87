import type { EventInput, HistoryEvent } from '../contract/index.ts'

/**
 * The yard's history: every part emits here, every watcher reads from here.
 *
 * `seq` rises by one per event and starts above every earlier run's. A ring of the newest events, of progress only the
 * newest of each thing, makes streams resumable. Emitting never waits and never throws because of a reader.
 */
export interface EventBus {
  /** The last event's number; what a `snapshot` made now carries. */
  readonly seq: number
  emit(event: EventInput): HistoryEvent
  /** Called synchronously for every event, in order. Returns what unsubscribes. */
  listen(listener: (event: HistoryEvent) => void): () => void
  /** Events after `since`, or undefined when that is older than the ring or from another run. */
  after(since: number): readonly HistoryEvent[] | undefined
}
