import { deferred } from '../util/deferred.ts'

/** What arrives by callback, read in a loop. */
export interface EventQueue<T> extends AsyncIterable<T> {
  push(value: T): void
  /** What was pushed is still read; then the loop ends, or throws. */
  end(error?: unknown): void
  readonly size: number
}

export function eventQueue<T>(): EventQueue<T> {
  const waiting: T[] = []
  let end: { error?: unknown } | undefined
  let news = deferred<void>()
  const wake = (): void => {
    news.resolve()
    news = deferred<void>()
  }
  return {
    get size() {
      return waiting.length
    },
    push(value) {
      waiting.push(value)
      wake()
    },
    end(error) {
      end ??= { error }
      wake()
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const next = news.promise
        while (waiting.length > 0) yield waiting.shift() as T
        if (end?.error !== undefined) throw end.error
        if (end) return
        await next
      }
    },
  }
}
