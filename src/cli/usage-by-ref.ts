import type { Client } from '../client/index.ts'
import { mergeSamples, type UsageSample } from '../contract/index.ts'

const hourMs = 3_600_000

/** What each model did in the last hour, over all slots. */
export async function usageByRef(client: Client, signal: AbortSignal, now = Date.now()): Promise<Map<string, UsageSample>> {
  const since = new Date(now - hourMs).toISOString()
  const samples = await client.usage({ since, signal })
  const byRef = new Map<string, UsageSample>()
  for (const { slot: _, ...sample } of samples) {
    if (sample.ref === undefined) continue
    const before = byRef.get(sample.ref)
    byRef.set(sample.ref, before ? mergeSamples(before, sample) : { ...sample, from: since, seconds: hourMs / 1000 })
  }
  return byRef
}
