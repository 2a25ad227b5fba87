import type { LoadOptions } from '../../contract/index.ts'

const defaultMs = 30 * 60_000
const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds an idle model stays; undefined is for ever. */
export function idleMs(keepAlive: LoadOptions['keepAlive']): number | undefined {
  if (keepAlive === undefined) return defaultMs
  if (typeof keepAlive === 'number') return keepAlive < 0 ? undefined : keepAlive * 1000
  if (keepAlive.startsWith('-')) return undefined
  return [...keepAlive.matchAll(/(\d+)(ms|s|m|h)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? 's'] ?? 1000),
    0,
  )
}

export interface IdleClock {
  /** From now on so many milliseconds; undefined is for ever. */
  start(ms: number | undefined): void
  stop(): void
  /** As if it became idle now while it is busy. */
  expiresAt(): Date | undefined
}

/** A timer takes no more than 24 days and fires at once beyond; nor is there a date after the year 275760. */
const longestTimerMs = 2 ** 31 - 1
const longestMs = 100 * 365 * 24 * 3_600_000
/** A busy model is looked at again after so long, however short it stays when idle. */
const shortestLookMs = 1000

export function createIdleClock({ busy, onExpired }: { busy: () => boolean; onExpired: () => void }): IdleClock {
  let stay: number | undefined
  let since = 0
  let timer: NodeJS.Timeout | undefined

  const look = (): void => {
    if (stay === undefined) return
    if (busy()) since = Date.now()
    const left = since + stay - Date.now()
    if (left <= 0 && !busy()) return onExpired()
    timer = setTimeout(look, Math.min(longestTimerMs, busy() ? Math.max(left, shortestLookMs) : left))
    timer.unref()
  }
  const stop = (): void => {
    clearTimeout(timer)
    stay = undefined
  }
  return {
    start(ms) {
      stop()
      stay = ms === undefined ? undefined : Math.min(ms, longestMs)
      since = Date.now()
      // Not in this turn: whoever asked for the model may be about to use it.
      if (stay !== undefined) timer = setTimeout(look, Math.min(stay, longestTimerMs)).unref()
    },
    stop,
    expiresAt: () => (stay === undefined ? undefined : new Date((busy() ? Date.now() : since) + stay)),
  }
}
