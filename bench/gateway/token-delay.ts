/** From the moment at which the engine wrote a token until its client has it; and five hundred streams at once. */
import { type Figure, median, megabytes, ms } from '../table.ts'
import { allOf, p50, p99, type Runners } from './one-at-a-time.ts'
import type { Ours } from './ours.ts'
import { rawClient, requestTo, stampReader, type Target } from './raw-client.ts'
import { sharedMicroseconds, type Upstream } from './upstream.ts'

const streams = 50
const pace = 100
const seconds = 3
const rounds = 4

export async function tokenDelay(runners: Runners, upstream: Upstream): Promise<Figure[]> {
  upstream.pace(pace)
  const [halves, tails] = [new Map<Target, number[]>(), new Map<Target, number[]>()]
  for (let round = -1; round < rounds; round += 1)
    for (const target of allOf(runners)) {
      const { delays } = await streamsOf(target, streams, seconds * pace)
      if (round < 0) continue
      halves.set(target, [...(halves.get(target) ?? []), p50(delays)])
      tails.set(target, [...(tails.get(target) ?? []), p99(delays)])
    }
  const { relay, ours } = runners
  const figure = (name: string, of: Map<Target, number[]>): Figure => {
    const value = (target: Target): number => median(of.get(target) ?? [])
    return {
      what: `token delay, ${streams} streams of ${pace} tokens/s, ${name}`,
      measured: ms(value(ours)),
      peer: allOf(runners)
        .filter((target) => target !== ours)
        .map((target) => `${target.name} ${ms(value(target))}`)
        .join(', '),
      limit: "1.2 × the relay's",
      share: value(ours) / (1.2 * value(relay)),
    }
  }
  return [figure('p50', halves), figure('p99', tails)]
}

export async function manyStreams(ours: Ours, upstream: Upstream): Promise<Figure[]> {
  const [count, tokens] = [500, 100]
  upstream.pace(10)
  // What one round leaves behind is there before the first weighing.
  await streamsOf(ours.target, count, 20)
  const before = await ours.weigh()
  const running = streamsOf(ours.target, count, tokens)
  await new Promise((resolve) => setTimeout(resolve, 5000))
  const during = await ours.weigh()
  const { short } = await running
  const [heap, resident] = [(during.heapBytes - before.heapBytes) / count, (during.residentBytes - before.residentBytes) / count]
  return [
    {
      what: `${count} streams of 10 tokens/s at once: short`,
      measured: String(short),
      peer: `${tokens} tokens each`,
      limit: '0',
      share: short === 0 ? 0 : Number.POSITIVE_INFINITY,
    },
    {
      what: 'and memory for each of them',
      measured: `${(heap / 1024).toFixed(1)} KiB`,
      peer: `heap and external; resident ${(resident / 1024).toFixed(1)} KiB each over ${megabytes(before.residentBytes)}`,
      limit: '64 KiB',
      share: Math.max(heap, resident) / 65_536,
    },
  ]
}

async function streamsOf(target: Target, count: number, tokens: number): Promise<{ delays: number[]; short: number }> {
  const request = requestTo(target, { model: target.model, stream: true, max_tokens: tokens, messages: [{ role: 'user', content: 'x' }] })
  const delays: number[] = []
  let short = 0
  await Promise.all(
    Array.from({ length: count }, async () => {
      const client = await rawClient(target)
      let seen = 0
      const read = stampReader((writtenAt) => {
        seen += 1
        delays.push((sharedMicroseconds() - writtenAt) / 1000)
      })
      const { status } = await client.ask(request, read).catch(() => ({ status: 0 }))
      if (status !== 200 || seen !== tokens) short += 1
      client.close()
    }),
  )
  return { delays, short }
}
