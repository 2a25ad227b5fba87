import { setMaxListeners } from 'node:events'
import { abortReason } from '../contract/error.ts'

/** The work's result, or the signal's reason as soon as that aborts: the work itself goes on for whoever else wants it. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortReason(signal))
    if (signal.aborted) return onAbort()
    setMaxListeners(0, signal)
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
