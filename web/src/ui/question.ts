/** Something that is asked: its answer, what it failed with, whether it is being asked. The newest asking wins. */
import { batch, type ReadonlySignal, signal } from '@preact/signals'

export interface Question<T> {
  /** The last answer; it stays while it is asked again, and when that fails. */
  readonly value: ReadonlySignal<T | undefined>
  /** Of the newest asking that ended. */
  readonly error: ReadonlySignal<unknown>
  readonly asking: ReadonlySignal<boolean>
  /** It is being asked for so long that a person wants to see that it is. */
  readonly slow: ReadonlySignal<boolean>
  again(): void
}

export interface AskableQuestion<T> extends Question<T> {
  /** Nobody wants to know any more. Asking again opens it anew. */
  close(): void
}

const slowAfterMs = 200

/** Asks nothing until `again`. */
export function createQuestion<T>(ask: (signal: AbortSignal) => Promise<T>, slowMs = slowAfterMs): AskableQuestion<T> {
  const value = signal<T | undefined>(undefined)
  const error = signal<unknown>(undefined)
  const asking = signal(false)
  const slow = signal(false)
  let end = (): void => {}
  const again = (): void => {
    end()
    const stop = new AbortController()
    const timer = setTimeout(() => {
      slow.value = true
    }, slowMs)
    const over = (then: () => void): void => {
      clearTimeout(timer)
      batch(() => {
        asking.value = false
        slow.value = false
        then()
      })
    }
    end = () => {
      stop.abort()
      over(() => {})
    }
    asking.value = true
    ask(stop.signal).then(
      (answer) =>
        stop.signal.aborted ||
        over(() => {
          value.value = answer
          error.value = undefined
        }),
      (caught: unknown) =>
        stop.signal.aborted ||
        over(() => {
          error.value = caught
        }),
    )
  }
  return { value, error, asking, slow, again, close: () => end() }
}
