import { ModelyardError } from '../../contract/index.ts'
import type { ChatPart } from '../provider.ts'

/**
 * An answer that ends at once when it is left, also while a part is awaited (a generator alone would wait for that
 * part), and when the caller's signal aborts. That signal is followed by hand: `AbortSignal.any` would leave a trace on
 * one that lives longer than the answer.
 */
export function leavable(outer: AbortSignal, answer: (signal: AbortSignal) => AsyncIterable<ChatPart>): AsyncIterableIterator<ChatPart> {
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

async function* following(
  outer: AbortSignal,
  leaving: AbortController,
  answer: (signal: AbortSignal) => AsyncIterable<ChatPart>,
): AsyncGenerator<ChatPart, undefined> {
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
