import type { YardEvent } from '../contract/index.ts'
import { deferred } from '../util/deferred.ts'
import { followEvents } from './events.ts'
import type { Transport } from './transport.ts'
import type { EventQuery } from './types.ts'

export interface EventWatch {
  /** The stream has begun (or cannot): nothing that starts now is missed. */
  readonly ready: Promise<void>
  /** Resolves when there is a reason to read the record again. Take it before reading. */
  news(): Promise<void>
  wake(): void
  stop(): void
  /** No event will come any more. */
  readonly over: Promise<void>
}

/** Watches by events, beside a record that is the truth. Never fails: without events there is no news. */
export function watchEvents(transport: Transport, query: Omit<EventQuery, 'signal'>, onEvent: (event: YardEvent) => void): EventWatch {
  const stop = new AbortController()
  const ready = deferred<void>()
  let news = deferred<void>()
  const wake = (): void => {
    news.resolve()
    news = deferred<void>()
  }
  const run = async (): Promise<void> => {
    for await (const event of followEvents(transport, { ...query, signal: stop.signal })) {
      ready.resolve()
      if (event.type === 'snapshot') wake()
      else onEvent(event)
    }
  }
  const over = run()
    .catch(() => {})
    .finally(ready.resolve)
  return { ready: ready.promise, news: () => news.promise, wake, stop: () => stop.abort(), over }
}
