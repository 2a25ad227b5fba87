/** What a failure means for a download: wait and for what, try again, or end. */
import { setTimeout as after } from 'node:timers/promises'
import { ModelyardError } from '../contract/index.ts'
import type { DownloadLimits, DownloadProgress } from './downloads.ts'

export type Waiting = DownloadProgress['waitingFor']

/** Without progress between them. */
const mostTries = 6
const mostRenewals = 3
const longestWaitMs = 3_600_000
const networkGone = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
  'UND_ERR_CONNECT_TIMEOUT',
])
const diskFull = new Set(['ENOSPC', 'EDQUOT'])

/** It said when to come again. */
export class ComeAgain extends Error {
  readonly ms: number | undefined
  constructor(ms: number | undefined) {
    super('it has too much to do')
    this.ms = ms
  }
}

/** The signed address was refused. `current`: the newest one, not one that was renewed meanwhile. */
export class LinkRefused extends Error {
  readonly current: boolean
  constructor(current: boolean) {
    super('its signed address was refused')
    this.current = current
  }
}

export interface Failures {
  progressed(): void
  /** Answers when it may be tried again; throws when it is not to be. */
  after(error: unknown, signal: AbortSignal): Promise<void>
}

export function createFailures(limits: DownloadLimits, onWaiting: (why: Waiting) => void): Failures {
  let tries = 0
  let renewals = 0
  const jitter = (): number => Math.random() * Math.min(limits.pauseMs[1], limits.pauseMs[0] * 2 ** tries)
  const pause = async (ms: number, why: Waiting, signal: AbortSignal): Promise<void> => {
    onWaiting(why)
    await after(ms, undefined, { signal })
  }
  return {
    progressed() {
      tries = 0
      renewals = 0
    },
    async after(error, signal) {
      signal.throwIfAborted()
      if (error instanceof LinkRefused) {
        if (error.current) renewals += 1
        if (renewals > mostRenewals) throw given(error)
        return
      }
      const code = (error as NodeJS.ErrnoException).code ?? ''
      if (diskFull.has(code)) return pause(limits.diskMs, 'disk', signal)
      if (networkGone.has(code) || code === 'hub_unreachable') return pause(jitter() + limits.pauseMs[0], 'network', signal)
      const asked = askedToWait(error)
      if (asked !== undefined) return pause(Math.min(asked, longestWaitMs), 'rate-limit', signal)
      if (ModelyardError.is(error) && !error.retryable) throw error
      tries += 1
      if (tries >= mostTries) throw given(error)
      await pause(jitter(), error instanceof ComeAgain ? 'rate-limit' : undefined, signal)
    },
  }
}

function askedToWait(error: unknown): number | undefined {
  if (error instanceof ComeAgain) return error.ms
  if (!ModelyardError.is(error) || error.code !== 'rate_limited') return undefined
  const ms = error.details?.retryAfterMs
  return typeof ms === 'number' ? ms : undefined
}

function given(error: unknown): ModelyardError {
  if (ModelyardError.is(error)) return error
  const why = error instanceof Error ? error.message : String(error)
  return new ModelyardError('hub_protocol', `The download got no further: ${why}.`, { cause: error })
}
