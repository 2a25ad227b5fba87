/** The yard's events for one reader: `snapshot` first, or `reset` and `snapshot` where the history cannot be continued. */
import type { HistoryEvent, Status, YardEvent } from '../contract/index.ts'
import type { EventBus } from '../events/bus.ts'
import { type FanOut, type Frame, type FrameReader, frameOf } from '../events/fan-out.ts'
import type { Cancellable, EventQuery } from './yard.ts'

export interface EventSources {
  readonly bus: EventBus
  readonly fanOut: FanOut
  readonly status: (options?: Cancellable) => Promise<Status>
  readonly closing: AbortSignal
  readonly watch: () => () => void
}

/** Ends when the signal aborts or the loop is left; when the service shuts down, after a last `reset` that says so. */
export async function* yardFrames(sources: EventSources, query: EventQuery = {}): AsyncGenerator<Frame> {
  const wants = wantedBy(query)
  const reader = sources.fanOut.open(wants)
  const unwatch = sources.watch()
  const leave = (): void => reader.close()
  query.signal?.addEventListener('abort', leave, { once: true })
  if (query.signal?.aborted) leave()
  try {
    const shown = yield* opening(sources, query.since, wants)
    yield* following(sources, reader, shown)
    if (sources.closing.aborted && !query.signal?.aborted) yield reset(sources, 'The service is shutting down.')
  } finally {
    query.signal?.removeEventListener('abort', leave)
    reader.close()
    unwatch()
  }
}

export async function* yardEvents(sources: EventSources, query?: EventQuery): AsyncGenerator<YardEvent> {
  for await (const frame of yardFrames(sources, query)) yield frame.event
}

/** What comes before anything new; answers with the number up to which the reader has been told everything. */
async function* opening(
  sources: EventSources,
  since: number | undefined,
  wants: (event: HistoryEvent) => boolean,
): AsyncGenerator<Frame, number> {
  const missed = since === undefined ? [] : sources.bus.after(since)
  if (!missed) yield reset(sources, 'The events after that number are not kept any more.')
  const state = await snapshot(sources, missed ? since : undefined)
  yield state
  for (const event of missed ?? []) if (wants(event)) yield frameOf(event)
  return missed?.at(-1)?.seq ?? state.event.seq
}

async function* following(sources: EventSources, reader: FrameReader, told: number): AsyncGenerator<Frame> {
  let upTo = told
  for (;;) {
    const next = await reader.next()
    if (next === undefined) return
    if (next === 'lost') {
      yield reset(sources, 'The reader was too slow.')
      const state = await snapshot(sources)
      upTo = state.event.seq
      yield state
    } else if (next.event.seq > upTo) yield next
  }
}

const reset = ({ bus }: EventSources, reason: string): Frame =>
  frameOf({ seq: bus.seq, at: new Date().toISOString(), type: 'reset', reason })

/** With `since` it carries that number: what it shows is newer, and the missed events follow. */
async function snapshot({ bus, status }: EventSources, since?: number): Promise<Frame> {
  const seq = since ?? bus.seq
  return frameOf({ seq, at: new Date().toISOString(), type: 'snapshot', status: await status() })
}

/**
 * Of a slot: its own events and those that belong to no slot and no job. Of a job: its own alone. Of both: those of
 * the one and of the other.
 */
function wantedBy({ slot, job }: EventQuery): (event: HistoryEvent) => boolean {
  if (slot === undefined && job === undefined) return () => true
  return (event) => {
    const ofSlot = slotOf(event)
    const ofJob = jobOf(event)
    if (ofJob !== undefined) return ofJob === job
    if (ofSlot !== undefined) return ofSlot === slot
    return job === undefined
  }
}

function slotOf(event: HistoryEvent): string | undefined {
  if (event.type === 'slot.changed') return event.slot.slot
  if (event.type === 'usage.sample') return event.sample.slot
  if (event.type === 'switch.step' || event.type === 'request.retried' || event.type === 'slot.removed') return event.slot
  if (event.type === 'switch.started' || event.type === 'switch.finished') return event.switch.slot
  return undefined
}

function jobOf(event: HistoryEvent): string | undefined {
  if (event.type === 'job.created' || event.type === 'job.finished') return event.job.id
  return event.type === 'job.stage' || event.type === 'job.progress' ? event.id : undefined
}
