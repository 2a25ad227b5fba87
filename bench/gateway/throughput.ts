/** Requests a second over sixteen connections. */
import type { Figure } from '../table.ts'
import { allOf, type Runners, wholeChat } from './one-at-a-time.ts'
import { rawClient, requestTo, type Target } from './raw-client.ts'

const connections = 16
const rounds = 5
const roundMs = 1500

export async function throughput(runners: Runners): Promise<Figure[]> {
  const best = new Map<Target, number>()
  // The best of several rounds, in turn: what else the machine does only makes slower.
  for (let round = 0; round < rounds; round += 1)
    for (const target of allOf(runners)) best.set(target, Math.max(best.get(target) ?? 0, await requestsPerSecond(target)))
  const of = (target: Target): number => Math.round(best.get(target) ?? 0)
  const { bare, relay, ours, peers } = runners
  const beside = `bare ${of(bare)}, the relay ${of(relay)}`
  if (peers.length === 0)
    return [{ what: `requests/s at ${connections} connections`, measured: String(of(ours)), peer: beside, limit: 'beside peers', share: 0 }]
  return peers.map((peer) => ({
    what: `requests/s at ${connections} connections: times ${peer.name}'s`,
    measured: `${(of(ours) / of(peer)).toFixed(2)}×, ${of(ours)}`,
    peer: `${peer.name} ${of(peer)}; ${beside}`,
    limit: 'at least 1.7×, aim 2×',
    share: (1.7 * of(peer)) / of(ours),
  }))
}

async function requestsPerSecond(target: Target): Promise<number> {
  const { answers, seconds } = await load(target, { until: performance.now() + roundMs })
  return answers / seconds
}

/** As many as there is time for, or so many. */
export async function load(
  target: Target,
  { until = Number.POSITIVE_INFINITY, requests = Number.POSITIVE_INFINITY }: { until?: number; requests?: number },
): Promise<{ answers: number; seconds: number }> {
  const request = requestTo(target, wholeChat(target))
  let begun = 0
  let answers = 0
  const began = performance.now()
  const one = async (): Promise<void> => {
    const client = await rawClient(target)
    while (performance.now() < until && begun < requests) {
      begun += 1
      const { status } = await client.ask(request)
      if (status !== 200) throw new Error(`${target.name} answered with ${status}`)
      answers += 1
    }
    client.close()
  }
  await Promise.all(Array.from({ length: connections }, one))
  return { answers, seconds: (performance.now() - began) / 1000 }
}
