import type { YardEvent } from '../contract/index.ts'
import { deferred } from '../util/deferred.ts'
import { followEvents } from './events.ts'
import type { Transport } from './transport.ts'
import type { SwitchEvent } from './types.ts'

export interface SwitchWatch {
  /** The stream has begun (or cannot): no event of a switch that starts now is missed. */
  readonly ready: Promise<void>
  /** From now on only this switch counts; what came of it already is told at once. */
  follow(id: string): void
  /** Resolves when its record may have ended. Take it before reading the record. */
  news(): Promise<void>
  /** Its last event was told, or nobody listens, or no event will come any more. */
  readonly told: Promise<void>
  stop(): void
}

/** Watches the switches of a slot by its events. Never fails: without events there is no news. */
export function watchSwitches(transport: Transport, slot: string, onEvent?: (event: SwitchEvent) => void): SwitchWatch {
  const stop = new AbortController()
  const ready = deferred<void>()
  const told = deferred<void>()
  if (!onEvent) told.resolve()
  const early: SwitchEvent[] = []
  let followed: string | undefined
  let news = deferred<void>()

  const wake = (): void => {
    news.resolve()
    news = deferred<void>()
  }
  const tell = (event: SwitchEvent): void => {
    if (followed === undefined) return void early.push(event)
    if (idOf(event) !== followed) return
    onEvent?.(event)
    if (event.type !== 'switch.finished') return
    told.resolve()
    wake()
  }
  const run = async (): Promise<void> => {
    for await (const event of followEvents(transport, { slot, signal: stop.signal })) {
      ready.resolve()
      if (isSwitchEvent(event)) tell(event)
      else if (event.type === 'snapshot') wake()
    }
  }
  run()
    .catch(() => {})
    .finally(() => {
      ready.resolve()
      told.resolve()
    })

  return {
    ready: ready.promise,
    follow(id) {
      followed = id
      for (const event of early.splice(0)) tell(event)
    },
    news: () => news.promise,
    told: told.promise,
    stop: () => stop.abort(),
  }
}

const isSwitchEvent = (event: YardEvent): event is SwitchEvent =>
  event.type === 'switch.started' || event.type === 'switch.step' || event.type === 'switch.finished'

const idOf = (event: SwitchEvent): string => (event.type === 'switch.step' ? event.id : event.switch.id)
