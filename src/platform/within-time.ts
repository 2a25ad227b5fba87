/** Work under a caller's signal and a limit of time. */
import { setMaxListeners } from 'node:events'
import { abortReason, type ModelyardError } from '../contract/index.ts'

export interface TimeLimit {
  /** The caller's. It may live longer than many such calls: nothing of them stays at it, which `AbortSignal.any` does not promise. */
  readonly signal: AbortSignal
  readonly ms: number
  /** What is thrown when the time has passed. */
  readonly late: () => ModelyardError
}

/**
 * The work gets a signal that aborts with the caller's or when the time has passed, whichever is first; the reason is
 * thrown then, whatever the work itself makes of it, and without waiting for work that does not heed the signal.
 */
export async function withinTime<T>({ signal, ms, late }: TimeLimit, work: (bounded: AbortSignal) => Promise<T>): Promise<T> {
  if (signal.aborted) throw abortReason(signal)
  const bounded = new AbortController()
  const follow = (): void => bounded.abort(abortReason(signal))
  // One signal may bound the questions to every engine at once; each takes its listener away again.
  setMaxListeners(0, signal)
  signal.addEventListener('abort', follow, { once: true })
  const timer = setTimeout(() => bounded.abort(late()), ms)
  try {
    return await Promise.race([work(bounded.signal), aborted(bounded.signal)])
  } catch (error) {
    throw bounded.signal.aborted ? bounded.signal.reason : error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', follow)
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
