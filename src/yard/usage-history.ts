/** 24 hours of samples in memory: the last hour as it was counted, what is older by the minute, and never too many. */
import { mergeSamples, type UsageQuery, type UsageSample } from '../contract/index.ts'

export interface UsageHistory {
  add(sample: UsageSample): void
  /** The oldest first. */
  list(query: UsageQuery): UsageSample[]
}

const dayMs = 24 * 3_600_000
const minuteMs = 60_000
const fineMs = 3_600_000

export function createUsageHistory(now: () => number, limit = 20_000): UsageHistory {
  /** In the order of their times, as they came. */
  const fine: UsageSample[] = []
  const coarse: UsageSample[] = []

  const age = (): void => {
    const time = now()
    while (fine[0] && (Date.parse(fine[0].from) < time - fineMs || fine.length > limit)) coarsen(coarse, fine.shift() as UsageSample)
    const oldest = new Date(time - dayMs).toISOString()
    while (coarse[0] && (coarse[0].from < oldest || fine.length + coarse.length > limit)) coarse.shift()
  }

  return {
    add(sample) {
      fine.push(sample)
      age()
    },
    list({ since, slot }) {
      age()
      const from = since === undefined ? '' : new Date(since).toISOString()
      return [...coarse, ...fine].filter((one) => one.from >= from && (slot === undefined || one.slot === slot))
    },
  }
}

/** Into the minute it belongs to, which is among the newest. */
function coarsen(coarse: UsageSample[], sample: UsageSample): void {
  const from = new Date(Math.floor(Date.parse(sample.from) / minuteMs) * minuteMs).toISOString()
  for (let at = coarse.length - 1; at >= 0; at -= 1) {
    const one = coarse[at] as UsageSample
    if (one.from !== from) break
    if (one.slot === sample.slot && one.ref === sample.ref) {
      coarse[at] = mergeSamples(one, sample)
      return
    }
  }
  coarse.push({ ...sample, from, seconds: minuteMs / 1000 })
}
