import type { LoadOptions } from '../../contract/index.ts'

const units: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 }
const aYear = 31_536_000

/** `ttl` of a request that may load its model: whole seconds, at least one. It has no "for ever": that is a year. */
export function keepAliveSeconds(keepAlive: LoadOptions['keepAlive']): number | undefined {
  if (keepAlive === undefined) return undefined
  const seconds = typeof keepAlive === 'number' ? keepAlive : secondsOf(keepAlive)
  return seconds < 0 ? aYear : Math.min(aYear, Math.max(1, Math.ceil(seconds)))
}

function secondsOf(text: string): number {
  if (text.startsWith('-')) return -1
  if (text === '0') return 0
  return [...text.matchAll(/(\d+)(ms|s|m|h)/g)].reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? 's'] ?? 1), 0)
}
