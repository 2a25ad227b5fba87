export interface Linked {
  readonly signal: AbortSignal
  /** Aborts it, and lets go of the caller's signal. */
  end(reason: unknown): void
}

/** A signal of our own that also aborts with the caller's. */
export function linked(outer: AbortSignal | undefined): Linked {
  const controller = new AbortController()
  const follow = (): void => controller.abort(outer?.reason)
  if (outer?.aborted) follow()
  outer?.addEventListener('abort', follow, { once: true })
  return {
    signal: controller.signal,
    end(reason) {
      outer?.removeEventListener('abort', follow)
      controller.abort(reason)
    },
  }
}
