/** One limit, shared in turns between downloads, whatever the number of their connections. */
import { expect, it } from 'vitest'
import { createBandwidth, type Share } from '../../src/downloads/bandwidth.ts'

/** So many connections that take piece after piece, until so many pieces passed in all. */
async function passed(shares: readonly [Share, number][], total: number): Promise<number[]> {
  const counts = shares.map(() => 0)
  const sum = (): number => counts.reduce((a, b) => a + b, 0)
  const lane = async (share: Share, index: number): Promise<void> => {
    while (sum() < total) {
      await share.take(1000)
      counts[index] = (counts[index] ?? 0) + 1
    }
  }
  await Promise.all(shares.flatMap(([share, lanes], index) => Array.from({ length: lanes }, () => lane(share, index))))
  return counts
}

it('eight connections of one download get no more than one of another', async () => {
  const bandwidth = createBandwidth()
  bandwidth.set(2e6)
  const [many = 0, one = 0] = await passed(
    [
      [bandwidth.join(null), 8],
      [bandwidth.join(null), 1],
    ],
    100,
  )
  // Those of the many that still stood in the queue at the end.
  expect(Math.abs(many - one)).toBeLessThanOrEqual(9)
})

it('passes at once without a limit, and after it was lifted', async () => {
  const bandwidth = createBandwidth()
  const share = bandwidth.join(null)
  expect([share.take(1e9), share.lump]).toEqual([undefined, Number.POSITIVE_INFINITY])
  bandwidth.set(1)
  expect(share.lump).toBe(1024)
  const held = [share.take(1000), share.take(1000), share.take(1000)]
  bandwidth.set(null)
  await Promise.all(held)
  expect(share.take(1e9)).toBeUndefined()
})

it('the narrower of both limits holds; one that leaves waits for nothing', async () => {
  const bandwidth = createBandwidth()
  const slow = bandwidth.join(1e5)
  bandwidth.set(1e9)
  expect(slow.lump).toBe(1e4)
  const held = [slow.take(1e9), slow.take(1e9)]
  slow.leave()
  await Promise.all(held)
})
