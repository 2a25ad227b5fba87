/**
 * What requests cost, counted for every slot and model: by the gateway and by the chat, a few additions for each
 * request. While something runs, waits or ends there is a sample every ten seconds; while nothing does, there is no timer.
 */
import { type EventInput, ModelyardError, type UsageQuery, type UsageSample, usageQuery } from '../contract/index.ts'
import { createUsageHistory } from './usage-history.ts'
import {
  countEnd,
  countFirstToken,
  countRunning,
  countWait,
  countWaiting,
  createSeries,
  takeSample,
  type UsageEnd,
  type UsageOutcome,
  type UsageSeries,
  type UsageTotals,
} from './usage-series.ts'

export type { UsageEnd, UsageOutcome, UsageTotals } from './usage-series.ts'

export interface UsageMeter {
  /** A model has admitted a request. `route`: a constant of the caller, such as `openai.chat`; one of few. */
  begin(request: {
    readonly slot?: string | undefined
    readonly ref: string
    readonly route: string
    readonly waitedMs?: number | undefined
  }): RunningRequest
  /** A request has to wait at a slot. */
  queue(request: { readonly slot: string; readonly route: string }): QueuedRequest
  /** No model admitted it. */
  refused(request: { readonly slot?: string | undefined; readonly route: string; readonly outcome: UsageOutcome }): void
  totals(): readonly UsageTotals[]
}

export interface RunningRequest {
  /** The first call counts: something of the answer is there. */
  firstToken(): void
  /** The first call counts; every request has one. */
  end(end: UsageEnd): void
}

export interface QueuedRequest {
  /** Gives the milliseconds it has waited, for `begin`. */
  admitted(): number
  refused(outcome: UsageOutcome): void
}

export interface Usage {
  readonly meter: UsageMeter
  /** The oldest first. Throws `invalid_request`. */
  samples(query?: UsageQuery): UsageSample[]
  close(): void
}

export interface UsageOptions {
  readonly emit: (event: EventInput) => void
  readonly now: () => number
  /** Milliseconds that never go back. */
  readonly clock?: () => number
  readonly sampleMs?: number | undefined
}

/** Pairs of slot and model that are told apart; what comes later is counted together. */
const maxSeries = 256

export function createUsage({ emit, now, clock = () => performance.now(), sampleMs = 10_000 }: UsageOptions): Usage {
  const all = new Map<string, UsageSeries>()
  const history = createUsageHistory(now)
  let timer: NodeJS.Timeout | undefined
  let from = 0
  let closed = false

  const arm = (): void => {
    if (!closed) timer = setTimeout(sample, Math.max(1, from + sampleMs - now())).unref()
  }
  const sample = (): void => {
    timer = undefined
    let goesOn = false
    for (const series of all.values()) {
      const taken = takeSample(series, from, sampleMs / 1000)
      goesOn ||= series.running > 0 || series.waiting > 0
      if (!taken) continue
      history.add(taken)
      emit({ type: 'usage.sample', sample: taken })
    }
    if (!goesOn) return
    from = Math.max(from + sampleMs, startOf(now(), sampleMs))
    arm()
  }

  const seriesOf = (slot: string | undefined, ref: string | undefined): UsageSeries => {
    if (timer === undefined) {
      from = startOf(now(), sampleMs)
      arm()
    }
    return find(slot, ref) ?? (all.size < maxSeries ? make(slot, ref) : (find(undefined, undefined) ?? make(undefined, undefined)))
  }
  const find = (slot: string | undefined, ref: string | undefined) => all.get(`${slot ?? ''} ${ref ?? ''}`)
  const make = (slot: string | undefined, ref: string | undefined): UsageSeries => {
    const series = createSeries(slot, ref)
    all.set(`${slot ?? ''} ${ref ?? ''}`, series)
    return series
  }

  const meter: UsageMeter = {
    begin({ slot, ref, route, waitedMs = 0 }) {
      const series = seriesOf(slot, ref)
      countRunning(series, 1)
      if (slot !== undefined) countWait(series, waitedMs)
      const began = clock()
      let first: number | undefined
      let ended = false
      return {
        firstToken() {
          if (first !== undefined || ended) return
          first = clock()
          countFirstToken(series, first - began)
        },
        end(end) {
          if (ended) return
          ended = true
          countRunning(series, -1)
          countEnd(series, route, end, first === undefined ? undefined : clock() - first)
        },
      }
    },
    queue({ slot, route }) {
      const series = seriesOf(slot, undefined)
      countWaiting(series, 1)
      const since = clock()
      let ended = false
      const leave = (): boolean => {
        if (!ended) countWaiting(series, -1)
        const first = !ended
        ended = true
        return first
      }
      return {
        admitted() {
          leave()
          return clock() - since
        },
        refused(outcome) {
          if (leave()) countEnd(series, route, { outcome })
        },
      }
    },
    refused: ({ slot, route, outcome }) => countEnd(seriesOf(slot, undefined), route, { outcome }),
    totals: () => [...all.values()],
  }

  return {
    meter,
    samples: (query = {}) => history.list(parse(query)),
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}

const startOf = (time: number, ms: number): number => Math.floor(time / ms) * ms

/** What a failure counts as: a caller who has gone is no error. `signal`: the caller's, or one that follows it. */
export function outcomeOf(error: unknown, signal?: AbortSignal): UsageOutcome {
  const { code } = ModelyardError.from(error)
  return code === 'cancelled' || (signal?.aborted && code !== 'interrupted') ? 'left' : code
}

function parse(query: UsageQuery): UsageQuery {
  const checked = usageQuery.safeParse(query)
  if (checked.success) return checked.data
  throw new ModelyardError('invalid_request', `The query is not valid: ${checked.error.issues[0]?.message ?? 'unknown form'}.`)
}
