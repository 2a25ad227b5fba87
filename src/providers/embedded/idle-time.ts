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
