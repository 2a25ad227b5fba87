import { ModelyardError } from '../../contract/index.ts'

/**
 * An answer that ends at once when it is left, also while a part is awaited (a generator alone would wait for that
 * part), and when the caller's signal aborts. That signal is followed by hand: `AbortSignal.any` would leave a trace on
 * one that lives longer than the answer.
 */
export function leavable<Part>(outer: AbortSignal, answer: (signal: AbortSignal) => AsyncIterable<Part>): AsyncIterableIterator<Part> {
  const leaving = new AbortController()
  const parts = following(outer, leaving, answer)
  return {
    next: () => parts.next(),
    return: () => {
      leaving.abort(new ModelyardError('cancelled'))
      return parts.return(undefined)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function* following<Part>(
  outer: AbortSignal,
  leaving: AbortController,
  answer: (signal: AbortSignal) => AsyncIterable<Part>,
): AsyncGenerator<Part, undefined> {
  const follow = (): void => leaving.abort(outer.reason)
  if (outer.aborted) follow()
  outer.addEventListener('abort', follow, { once: true })
  try {
    yield* answer(leaving.signal)
  } finally {
    outer.removeEventListener('abort', follow)
  }
  return undefined
}
