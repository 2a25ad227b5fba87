/** What passes by itself is waited for, and said; everything else ends the job. */
import { setTimeout as pause } from 'node:timers/promises'
import { abortReason, type ErrorCode, ModelyardError, type WaitReason } from '../contract/index.ts'

export interface Patience {
  /** The first and the longest pause between two tries, in milliseconds. */
  readonly pauseMs: readonly [number, number]
}

export const usualPatience: Patience = { pauseMs: [1000, 30_000] }

export type Reasons = Partial<Record<ErrorCode, WaitReason>>

/** Before anything is planned: only what is no finding about the source. */
export const whileResolving: Reasons = { hub_unreachable: 'network', rate_limited: 'rate-limit' }

/**
 * While bytes are to come: a download waits by itself once it has begun, and ends with what does not pass. Before its
 * first byte what was there at the preflight may come back.
 */
export const whileFetching: Reasons = {
  hub_unreachable: 'network',
  timeout: 'network',
  rate_limited: 'rate-limit',
  gated: 'sign-in',
  repo_not_found: 'sign-in',
}

export const whileImporting: Reasons = { disk_full: 'disk' }

export interface Waiting {
  readonly reasons: Reasons
  readonly patience: Patience
  readonly signal: AbortSignal
  /** Called before each pause, and with nothing when the work goes on. */
  readonly onWait: (reason: WaitReason | undefined, error?: ModelyardError) => void
}

/** Does the work again and again until it succeeds, fails for good or is aborted. */
export async function patiently<T>({ reasons, patience, signal, onWait }: Waiting, work: () => Promise<T>): Promise<T> {
  const [first, longest] = patience.pauseMs
  for (let tries = 0; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted) throw abortReason(signal)
      const known = ModelyardError.from(error)
      const reason = reasons[known.code]
      if (reason === undefined) throw known
      onWait(reason, known)
      const ms = askedFor(known) ?? Math.min(longest, first * 2 ** Math.min(tries, 20)) * (0.5 + Math.random() / 2)
      await pause(ms, undefined, { signal }).catch(() => {
        throw abortReason(signal)
      })
      onWait(undefined)
    }
  }
}

function askedFor({ details }: ModelyardError): number | undefined {
  const ms = details?.retryAfterMs
  return typeof ms === 'number' && Number.isFinite(ms) && ms >= 0 ? Math.min(ms, 3_600_000) : undefined
}
