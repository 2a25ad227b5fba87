/** Requests that were asked again because the engine failed before it answered: counted since they were first looked at. */
import { type ReadonlySignal, signal } from '@preact/signals'
import type { YardView } from '../../yard/yard.ts'

export interface Retries {
  readonly since: number
  readonly count: number
  /** Of the last one. */
  readonly provider?: string
  readonly reason?: string
}

const known = new WeakMap<YardView, ReadonlySignal<Retries>>()

export function retriesOf(yard: YardView): ReadonlySignal<Retries> {
  const before = known.get(yard)
  if (before) return before
  const retries = signal<Retries>({ since: Date.now(), count: 0 })
  yard.onEvent((event) => {
    if (event.type !== 'request.retried') return
    const { provider, reason } = event
    retries.value = { ...retries.peek(), count: retries.peek().count + 1, provider, reason }
  })
  known.set(yard, retries)
  return retries
}
