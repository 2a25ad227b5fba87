/** The yard's events as an async iterable: `snapshot` first, or `reset` and `snapshot` where `since` is too old. */
import type { HistoryEvent, Status, YardEvent } from '../contract/index.ts'
import type { EventBus } from '../events/bus.ts'
import type { Cancellable, EventQuery } from './yard.ts'

export interface EventSources {
  readonly bus: EventBus
  readonly status: (options?: Cancellable) => Promise<Status>
  readonly closing: AbortSignal
  readonly watch: () => () => void
}

/** Events that may wait for a reader who does not come; beyond them the reader is told `reset` and gets the state. */
const queueLimit = 5000

export async function* yardEvents(sources: EventSources, query: EventQuery = {}): AsyncGenerator<YardEvent> {
  const { bus, closing } = sources
  const stop = query.signal ? AbortSignal.any([query.signal, closing]) : closing
  const inbox = openInbox(bus, query)
  const unwatch = sources.watch()
  try {
    yield* opening(sources, query, inbox)
    while (!stop.aborted) {
      const next = inbox.shift() ?? (await inbox.arrival(stop))
      if (next === 'overflow') yield* restart(sources, 'The reader was too slow.')
      else if (next) yield next
    }
  } finally {
    inbox.close()
    unwatch()
  }
}

async function* opening(sources: EventSources, { since }: EventQuery, inbox: Inbox): AsyncGenerator<YardEvent> {
  if (since === undefined) return yield await snapshot(sources)
  const missed = sources.bus.after(since)
  if (!missed) {
    inbox.clear()
    return yield* restart(sources, 'The events after that number are not kept any more.')
  }
  const first = missed[0]?.seq
  const shown = await snapshot(sources, since)
  yield shown
  for (const event of missed) if (inbox.wants(event)) yield event
  if (first !== undefined) inbox.dropUpTo(missed.at(-1)?.seq ?? first)
}

async function* restart(sources: EventSources, reason: string): AsyncGenerator<YardEvent> {
  yield { seq: sources.bus.seq, at: new Date().toISOString(), type: 'reset', reason }
  yield await snapshot(sources)
}

async function snapshot({ bus, status }: EventSources, seq = bus.seq): Promise<YardEvent> {
  return { seq, at: new Date().toISOString(), type: 'snapshot', status: await status() }
}

interface Inbox {
  wants(event: HistoryEvent): boolean
  shift(): HistoryEvent | 'overflow' | undefined
  arrival(stop: AbortSignal): Promise<HistoryEvent | 'overflow' | undefined>
  clear(): void
  dropUpTo(seq: number): void
  close(): void
}

function openInbox(bus: EventBus, query: EventQuery): Inbox {
  let queue: (HistoryEvent | 'overflow')[] = []
  let arrived: () => void = () => {}
  const wants = (event: HistoryEvent): boolean => query.slot === undefined || slotOf(event) === undefined || slotOf(event) === query.slot
  const close = bus.listen((event) => {
    if (!wants(event)) return
    if (queue.length >= queueLimit) queue = ['overflow']
    else if (queue[0] !== 'overflow') queue.push(event)
    arrived()
  })
  return {
    wants,
    shift: () => queue.shift(),
    async arrival(stop) {
      await new Promise<void>((resolve) => {
        arrived = resolve
        if (stop.aborted || queue.length > 0) return resolve()
        stop.addEventListener('abort', () => resolve(), { once: true })
      })
      return queue.shift()
    },
    clear() {
      queue = []
    },
    dropUpTo(seq) {
      queue = queue.filter((event) => event === 'overflow' || event.seq > seq)
    },
    close,
  }
}

function slotOf(event: HistoryEvent): string | undefined {
  if (event.type === 'slot.changed') return event.slot.slot
  if (event.type === 'switch.step') return event.slot
  if (event.type === 'switch.started' || event.type === 'switch.finished') return event.switch.slot
  return undefined
}
