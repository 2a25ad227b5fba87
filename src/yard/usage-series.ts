/** The numbers of one slot and model: since the start, and of the seconds that are being counted. */
import type { ErrorCode, Timing, UsageSample } from '../contract/index.ts'
import { createHistogram, type Histogram } from '../util/histogram.ts'

/** How a request ended; `left`: its client had gone. */
export type UsageOutcome = 'ok' | 'left' | ErrorCode

/** Since the start. */
export interface UsageTotals {
  readonly slot: string | undefined
  readonly ref: string | undefined
  /** By route, then by outcome. */
  readonly requests: ReadonlyMap<string, ReadonlyMap<UsageOutcome, number>>
  readonly running: number
  readonly promptTokens: number
  readonly completionTokens: number
  /** Tokens after the first of each answer, and the time they took. */
  readonly generatedTokens: number
  readonly generatingSeconds: number
  readonly firstTokenSeconds: Histogram
  readonly waitSeconds: Histogram
}

export interface UsageEnd {
  readonly outcome: UsageOutcome
  readonly promptTokens?: number | undefined
  readonly completionTokens?: number | undefined
}

interface Summed {
  count: number
  sum: number
  max: number
}

/** Of the seconds that are being counted. */
interface Bucket {
  touched: boolean
  requests: number
  ok: number
  left: number
  errors: Map<ErrorCode, number> | undefined
  promptTokens: number
  completionTokens: number
  generatedTokens: number
  generatingSeconds: number
  firstToken: Summed
  wait: Summed
  leases: number
  waiting: number
}

export interface UsageSeries extends UsageTotals {
  readonly requests: Map<string, Map<UsageOutcome, number>>
  running: number
  waiting: number
  promptTokens: number
  completionTokens: number
  generatedTokens: number
  generatingSeconds: number
  bucket: Bucket
}

const firstTokenBounds = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]
const waitBounds = [0, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

export function createSeries(slot: string | undefined, ref: string | undefined): UsageSeries {
  return {
    slot,
    ref,
    requests: new Map(),
    running: 0,
    waiting: 0,
    promptTokens: 0,
    completionTokens: 0,
    generatedTokens: 0,
    generatingSeconds: 0,
    firstTokenSeconds: createHistogram(firstTokenBounds),
    waitSeconds: createHistogram(waitBounds),
    bucket: emptyBucket(0, 0),
  }
}

function emptyBucket(leases: number, waiting: number): Bucket {
  return {
    touched: false,
    requests: 0,
    ok: 0,
    left: 0,
    errors: undefined,
    promptTokens: 0,
    completionTokens: 0,
    generatedTokens: 0,
    generatingSeconds: 0,
    firstToken: { count: 0, sum: 0, max: 0 },
    wait: { count: 0, sum: 0, max: 0 },
    leases,
    waiting,
  }
}

export function countRunning(series: UsageSeries, by: 1 | -1): void {
  series.running += by
  series.bucket.touched = true
  if (series.running > series.bucket.leases) series.bucket.leases = series.running
}

export function countWaiting(series: UsageSeries, by: 1 | -1): void {
  series.waiting += by
  series.bucket.touched = true
  if (series.waiting > series.bucket.waiting) series.bucket.waiting = series.waiting
}

export function countWait(series: UsageSeries, ms: number): void {
  series.waitSeconds.add(ms / 1000)
  if (ms > 0) add(series.bucket.wait, ms)
}

export function countFirstToken(series: UsageSeries, ms: number): void {
  series.firstTokenSeconds.add(ms / 1000)
  add(series.bucket.firstToken, ms)
}

/** `generatingMs`: from the first token to the end, where there was one. */
export function countEnd(series: UsageSeries, route: string, end: UsageEnd, generatingMs?: number): void {
  const { bucket } = series
  const { outcome, promptTokens = 0, completionTokens = 0 } = end
  countOutcome(series, route, outcome)
  series.promptTokens += promptTokens
  series.completionTokens += completionTokens
  bucket.promptTokens += promptTokens
  bucket.completionTokens += completionTokens
  if (generatingMs === undefined || generatingMs <= 0 || completionTokens < 2) return
  series.generatedTokens += completionTokens - 1
  series.generatingSeconds += generatingMs / 1000
  bucket.generatedTokens += completionTokens - 1
  bucket.generatingSeconds += generatingMs / 1000
}

function countOutcome({ requests, bucket }: UsageSeries, route: string, outcome: UsageOutcome): void {
  let outcomes = requests.get(route)
  if (!outcomes) {
    outcomes = new Map()
    requests.set(route, outcomes)
  }
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  bucket.touched = true
  bucket.requests += 1
  if (outcome === 'ok') bucket.ok += 1
  else if (outcome === 'left') bucket.left += 1
  else {
    bucket.errors ??= new Map()
    bucket.errors.set(outcome, (bucket.errors.get(outcome) ?? 0) + 1)
  }
}

function add(summed: Summed, value: number): void {
  summed.count += 1
  summed.sum += value
  if (value > summed.max) summed.max = value
}

/** What was counted, and counting begins anew; undefined where nothing ran, waited or ended. */
export function takeSample(series: UsageSeries, from: number, seconds: number): UsageSample | undefined {
  const { bucket, slot, ref } = series
  if (!bucket.touched && bucket.leases === 0 && bucket.waiting === 0) return undefined
  series.bucket = emptyBucket(series.running, series.waiting)
  const firstTokenMs = timingOf(bucket.firstToken)
  const waitMs = timingOf(bucket.wait)
  return {
    from: new Date(from).toISOString(),
    seconds,
    ...(slot !== undefined && { slot }),
    ...(ref !== undefined && { ref }),
    requests: bucket.requests,
    ok: bucket.ok,
    left: bucket.left,
    errors: Object.fromEntries(bucket.errors ?? []),
    promptTokens: bucket.promptTokens,
    completionTokens: bucket.completionTokens,
    ...(firstTokenMs && { firstTokenMs }),
    ...(bucket.generatingSeconds > 0 && { tokensPerSecond: round(bucket.generatedTokens / bucket.generatingSeconds) }),
    ...(waitMs && { waitMs }),
    leases: bucket.leases,
    waiting: bucket.waiting,
  }
}

const timingOf = ({ count, sum, max }: Summed): Timing | undefined =>
  count === 0 ? undefined : { count, mean: round(sum / count), max: round(max) }

const round = (value: number): number => Math.round(value * 100) / 100
