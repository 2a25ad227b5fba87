/** Waits; ends early, without an error, when the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const end = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal?.addEventListener('abort', end, { once: true })
  })
}

/** Waits for the promise, but not longer than this. Leaves no timer behind, which would keep a process alive. */
export async function waitAtMost(ms: number, promise: Promise<unknown>): Promise<void> {
  const enough = new AbortController()
  await Promise.race([promise, pause(ms, enough.signal)]).finally(() => enough.abort())
}
