/** Samples of requests added up. Beside the schemas, so that a browser can do it without them. */
import type { ErrorCode } from './error-codes.ts'
import type { Timing, UsageSample } from './usage.ts'

/** Two samples as one: where and when is that of the first. */
export function mergeSamples(a: UsageSample, b: UsageSample): UsageSample {
  const completionTokens = a.completionTokens + b.completionTokens
  const { firstTokenMs: _, waitMs: __, tokensPerSecond: ___, ...first } = a
  const firstTokenMs = mergeTimings(a.firstTokenMs, b.firstTokenMs)
  const waitMs = mergeTimings(a.waitMs, b.waitMs)
  const tokensPerSecond = mergeRates(a, b)
  return {
    ...first,
    requests: a.requests + b.requests,
    ok: a.ok + b.ok,
    left: a.left + b.left,
    errors: mergeCounts(a.errors, b.errors),
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens,
    ...(firstTokenMs && { firstTokenMs }),
    ...(tokensPerSecond !== undefined && { tokensPerSecond }),
    ...(waitMs && { waitMs }),
    leases: Math.max(a.leases, b.leases),
    waiting: Math.max(a.waiting, b.waiting),
  }
}

function mergeTimings(a: Timing | undefined, b: Timing | undefined): Timing | undefined {
  if (!a || !b) return a ?? b
  const count = a.count + b.count
  return { count, mean: round((a.mean * a.count + b.mean * b.count) / count), max: Math.max(a.max, b.max) }
}

/** Weighed by the time that was spent. */
function mergeRates(a: UsageSample, b: UsageSample): number | undefined {
  const [x, y] = [a.tokensPerSecond, b.tokensPerSecond]
  if (!x || !y || a.completionTokens === 0 || b.completionTokens === 0) return x ?? y
  return round((a.completionTokens + b.completionTokens) / (a.completionTokens / x + b.completionTokens / y))
}

function mergeCounts(a: UsageSample['errors'], b: UsageSample['errors']): UsageSample['errors'] {
  const sum = { ...a }
  for (const [code, count] of Object.entries(b) as [ErrorCode, number][]) sum[code] = (sum[code] ?? 0) + count
  return sum
}

const round = (value: number): number => Math.round(value * 100) / 100
