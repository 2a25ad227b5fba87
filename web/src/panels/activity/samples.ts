/** Samples of requests over a range of time: in buckets, empty ones included, added up by model. Pure. */
import { mergeSamples, type UsageSample } from '../../sdk.ts'

export const ranges = ['quarter', 'hour', 'day'] as const
export type Range = (typeof ranges)[number]

const minuteMs = 60_000
/** As fine as the service counts in the last hour; a day as points that can be told apart. */
export const spans: Readonly<Record<Range, { readonly ms: number; readonly bucketMs: number }>> = {
  quarter: { ms: 15 * minuteMs, bucketMs: 10_000 },
  hour: { ms: 60 * minuteMs, bucketMs: minuteMs },
  day: { ms: 24 * 60 * minuteMs, bucketMs: 15 * minuteMs },
}

/** What no model admitted. */
export const noModel = ''

export interface Bucket {
  readonly from: number
  readonly to: number
  readonly byModel: ReadonlyMap<string, UsageSample>
  /** Of all models. Absent: there was no request. */
  readonly all?: UsageSample
}

/** The oldest first; the newest is the one that `now` is in. */
export function bucketsOf(samples: readonly UsageSample[], range: Range, now: number): readonly Bucket[] {
  const { ms, bucketMs } = spans[range]
  const count = ms / bucketMs
  const first = (Math.floor(now / bucketMs) - count + 1) * bucketMs
  const maps = Array.from({ length: count }, () => new Map<string, UsageSample>())
  for (const sample of samples) {
    const map = maps[Math.floor((Date.parse(sample.from) - first) / bucketMs)]
    if (map) put(map, sample)
  }
  return maps.map((byModel, at) => {
    const from = first + at * bucketMs
    const all = sumOf(byModel.values())
    return { from, to: from + bucketMs, byModel, ...(all && { all }) }
  })
}

function put(byModel: Map<string, UsageSample>, sample: UsageSample): void {
  const key = sample.ref ?? noModel
  const before = byModel.get(key)
  byModel.set(key, before ? mergeSamples(before, sample) : sample)
}

function sumOf(samples: Iterable<UsageSample>): UsageSample | undefined {
  let sum: UsageSample | undefined
  for (const one of samples) sum = sum ? mergeSamples(sum, one) : one
  return sum
}

/** Of the whole range, by model: whoever had most requests first, what no model admitted last. */
export function totalsOf(buckets: readonly Bucket[]): readonly (readonly [model: string, UsageSample])[] {
  const totals = new Map<string, UsageSample>()
  for (const { byModel } of buckets) for (const sample of byModel.values()) put(totals, sample)
  return [...totals].sort(([a, x], [b, y]) => Number(a === noModel) - Number(b === noModel) || y.requests - x.requests)
}

export const errorsOf = ({ errors }: UsageSample): number => Object.values(errors).reduce((sum, one) => sum + one, 0)

/** What was asked for, the oldest first, and the samples that came since: none twice, none older than a day. */
export function joined(asked: readonly UsageSample[], live: readonly UsageSample[], now: number): readonly UsageSample[] {
  const newest = asked.at(-1)?.from ?? ''
  const known = new Set(asked.filter(({ from }) => from === newest).map(nameOf))
  return withoutOld([...asked, ...live.filter((one) => one.from >= newest && !known.has(nameOf(one)))], now)
}

/** Those of the last day: no range shows more, and a page may stay open for weeks. */
export function withoutOld(samples: readonly UsageSample[], now: number): readonly UsageSample[] {
  const oldest = new Date(now - spans.day.ms).toISOString()
  return samples.filter((one) => one.from >= oldest)
}

const nameOf = ({ from, slot = '', ref = '' }: UsageSample): string => [from, slot, ref].join('\n')
