import { ModelyardError, type YardEvent } from '../contract/index.ts'
import { linked } from './linked.ts'
import { pause } from './pause.ts'
import { callOf, type Transport } from './transport.ts'
import type { EventQuery } from './types.ts'

const firstPauseMs = 100
const longestPauseMs = 5000

/** A heartbeat comes every 15 s: a connection that is silent for longer than this is dead, whatever the socket says. */
const silenceMs = 45_000

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
  const { slot, job, signal } = query
  const place: Place = { since: query.since, resumed: query.since !== undefined }
  let lostAt: number | undefined
  for (let failures = 0, begun = false; !signal?.aborted; ) {
    try {
      for await (const event of oneConnection(transport, { since: place.since, slot, job, signal }, limits.silenceMs ?? silenceMs)) {
        begun = true
        failures = 0
        lostAt = undefined
        if (advance(place, event)) yield event
      }
      lostAt ??= Date.now()
    } catch (error) {
      if (signal?.aborted) return
      lostAt ??= Date.now()
      if (!begun || !mayReturn(error) || Date.now() - lostAt > (limits.awayMs ?? Number.POSITIVE_INFINITY)) throw error
    }
    place.resumed = place.since !== undefined
    await pause(Math.min(longestPauseMs, firstPauseMs * 2 ** failures++), signal)
  }
}

async function* oneConnection(
  transport: Transport,
  { since, slot, job, signal }: EventQuery,
  silenceMs: number,
): AsyncGenerator<YardEvent, void, void> {
  const line = linked(signal)
  const hangUp = (): void => line.end(new ModelyardError('service_unreachable', 'The service has fallen silent.'))
  let timer = setTimeout(hangUp, silenceMs)
  try {
    const stream = transport.stream(callOf('events', { query: { since, slot, job }, signal: line.signal }))
    for await (const event of stream as AsyncIterable<YardEvent>) {
      clearTimeout(timer)
      yield event
      timer = setTimeout(hangUp, silenceMs)
    }
  } finally {
    clearTimeout(timer)
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
