/** `Retry-After`: seconds or an HTTP date (RFC 9110, 10.2.3), as milliseconds from `now`. Undefined for what is neither. */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  const told = value?.trim()
  if (!told) return undefined
  const ms = /^\d{1,12}$/.test(told) ? Number(told) * 1000 : Date.parse(told) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}
