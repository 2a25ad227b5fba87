import { ModelyardError, type YardEvent } from '../contract/index.ts'
import { pause } from './pause.ts'
import { callOf, type Transport } from './transport.ts'
import type { EventQuery } from './types.ts'

const firstPauseMs = 100
const longestPauseMs = 5000

/**
 * The yard's events over as many connections as it takes. Only the first connection may fail; a later one is tried
 * again with growing pauses, and says the last `seq` that was seen, so nothing is missed and nothing comes twice.
 */
export async function* followEvents(transport: Transport, query: EventQuery = {}): AsyncGenerator<YardEvent, void, void> {
  const { slot, signal } = query
  const place: Place = { since: query.since, resumed: query.since !== undefined }
  for (let failures = 0, begun = false; !signal?.aborted; ) {
    try {
      const stream = transport.stream(callOf('events', { query: { since: place.since, slot }, signal }))
      for await (const event of stream as AsyncIterable<YardEvent>) {
        begun = true
        failures = 0
        if (advance(place, event)) yield event
      }
    } catch (error) {
      if (signal?.aborted) return
      if (!begun || !mayReturn(error)) throw error
    }
    place.resumed = place.since !== undefined
    await pause(Math.min(longestPauseMs, firstPauseMs * 2 ** failures++), signal)
  }
}

interface Place {
  since: number | undefined
  /** The stream continues an earlier one: its snapshot does not say what was missed. */
  resumed: boolean
}

/** Notes how far the reader has come. False for an event that it has had already. */
function advance(place: Place, event: YardEvent): boolean {
  if (event.type === 'heartbeat') return true
  if (event.type === 'reset') {
    place.resumed = false
    return true
  }
  if (event.type === 'snapshot') {
    if (!place.resumed) place.since = event.seq
    return true
  }
  if (place.resumed && place.since !== undefined && event.seq <= place.since) return false
  place.since = event.seq
  return true
}

const mayReturn = (error: unknown): boolean =>
  ModelyardError.is(error) && (error.code === 'service_unreachable' || error.code === 'rate_limited' || error.retryable)
