/** A signal that follows another a few times a second: what is drawn of it costs no more, however often it changes. */
import { effect, type ReadonlySignal, signal } from '@preact/signals'

export interface Calmed<T> {
  readonly value: ReadonlySignal<T>
  stop(): void
}

export interface CalmedOptions<T> {
  /** Between these two nothing is waited for. */
  readonly atOnce: (before: T, now: T) => boolean
  /** Calls back once, later. Returns what calls it off. */
  readonly later: (work: () => void) => () => void
}

export function calmed<T>(source: ReadonlySignal<T>, { atOnce, later }: CalmedOptions<T>): Calmed<T> {
  const value = signal(source.peek())
  let callOff: (() => void) | undefined
  const take = (): void => {
    callOff?.()
    callOff = undefined
    value.value = source.peek()
  }
  const end = effect(() => {
    const now = source.value
    if (now === value.peek()) return
    if (atOnce(value.peek(), now)) take()
    else callOff ??= later(take)
  })
  return {
    value,
    stop() {
      end()
      callOff?.()
    },
  }
}
