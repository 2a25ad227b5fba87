import { ModelyardError, type YardEvent } from '../contract/index.ts'
import { growingPauses } from './attempts.ts'
import { connectionTeller } from './connection-state.ts'
import { linked } from './linked.ts'
import { silenceMs, watchSilence } from './silence.ts'
import { callOf, type Transport } from './transport.ts'
import type { EventQuery } from './types.ts'

export interface FollowLimits {
  readonly silenceMs?: number
  /** How long the service may be away; for ever when absent. */
  readonly awayMs?: number
}

/**
 * The yard's events over as many connections as it takes. Only the first connection may fail; a later one is tried
 * again with growing pauses, and says the last `seq` that was seen, so nothing is missed and nothing comes twice.
 */
export async function* followEvents(
  transport: Transport,
  query: EventQuery = {},
  limits: FollowLimits = {},
): AsyncGenerator<YardEvent, void, void> {
  const { slot, job, signal, onConnection } = query
  const place: Place = { since: query.since, resumed: query.since !== undefined }
  const attempts = growingPauses()
  const teller = connectionTeller(onConnection, attempts.hurry)
  let lostAt: number | undefined
  for (let begun = false; !signal?.aborted; ) {
    try {
      for await (const event of oneConnection(transport, { since: place.since, slot, job, signal }, limits.silenceMs ?? silenceMs)) {
        begun = true
        attempts.succeeded()
        lostAt = undefined
        teller.heard()
        if (advance(place, event)) yield event
        if (event.type === 'snapshot') teller.open()
      }
      if (signal?.aborted) return
      lostAt ??= Date.now()
      teller.lost(new ModelyardError('service_unreachable', 'The service has ended the events.'))
    } catch (error) {
      if (signal?.aborted) return
      lostAt ??= Date.now()
      teller.lost(error)
      if (!begun || !mayReturn(error) || Date.now() - lostAt > (limits.awayMs ?? Number.POSITIVE_INFINITY)) throw error
    }
    place.resumed = place.since !== undefined
    await attempts.pause(signal)
  }
}

async function* oneConnection(
  transport: Transport,
  { since, slot, job, signal }: EventQuery,
  silenceMs: number,
): AsyncGenerator<YardEvent, void, void> {
  const line = linked(signal)
  const silence = watchSilence(silenceMs, () => line.end(new ModelyardError('service_unreachable', 'The service has fallen silent.')))
  try {
    silence.heard()
    const stream = transport.stream(callOf('events', { query: { since, slot, job }, signal: line.signal }))
    for await (const event of stream as AsyncIterable<YardEvent>) {
      silence.rest()
      yield event
      silence.heard()
    }
  } finally {
    silence.rest()
    line.end(new ModelyardError('cancelled'))
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
