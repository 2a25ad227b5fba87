import type { YardEvent } from '../contract/index.ts'
import { deferred } from '../util/deferred.ts'
import type { Transport } from './transport.ts'
import type { SwitchEvent } from './types.ts'
import { type EventWatch, watchEvents } from './watch-events.ts'

export interface SwitchWatch extends Pick<EventWatch, 'ready' | 'news' | 'stop'> {
  /** From now on only this switch counts; what came of it already is told at once. */
  follow(id: string): void
  /** Its last event was told, or nobody listens, or no event will come any more. */
  readonly told: Promise<void>
}

/** Watches the switches of a slot by its events. */
export function watchSwitches(transport: Transport, slot: string, onEvent?: (event: SwitchEvent) => void): SwitchWatch {
  const told = deferred<void>()
  if (!onEvent) told.resolve()
  const early: SwitchEvent[] = []
  let followed: string | undefined

  const tell = (event: SwitchEvent): void => {
    if (followed === undefined) return void early.push(event)
    if (idOf(event) !== followed) return
    onEvent?.(event)
    if (event.type !== 'switch.finished') return
    told.resolve()
    watch.wake()
  }
  const watch = watchEvents(transport, { slot }, (event) => isSwitchEvent(event) && tell(event))
  void watch.over.then(told.resolve)

  return {
    ready: watch.ready,
    news: watch.news,
    stop: watch.stop,
    follow(id) {
      followed = id
      for (const event of early.splice(0)) tell(event)
    },
    told: told.promise,
  }
}

const isSwitchEvent = (event: YardEvent): event is SwitchEvent =>
  event.type === 'switch.started' || event.type === 'switch.step' || event.type === 'switch.finished'

const idOf = (event: SwitchEvent): string => (event.type === 'switch.step' ? event.id : event.switch.id)
