/** More connections only as long as more bring more. */
import { expect, it } from 'vitest'
import { createLaneCount } from '../../src/downloads/lane-count.ts'

/** What a link brings that gives each connection so much, and all of them at most so much. */
const link = (each: number, most: number) => (lanes: number) => Math.min(lanes * each, most)

function after(samples: number, bring: (lanes: number) => number, most = 16): number[] {
  const count = createLaneCount(most, 1000)
  return Array.from({ length: samples }, () => {
    count.sample(bring(count.wanted))
    return count.wanted
  })
}

it('a link that gives each connection little gets as many as help', () => {
  expect(after(12, link(10e6, 80e6)).at(-1)).toBe(8)
  expect(after(30, link(10e6, 55e6)).at(-1)).toBe(8)
  expect(after(30, link(10e6, 1e9), 5).at(-1)).toBe(5)
})

it('a link that two fill gets two, and is asked again only now and then', () => {
  const wanted = after(30, link(50e6, 50e6))
  expect(wanted.filter((lanes) => lanes > 2).length).toBeLessThanOrEqual(2)
  expect(wanted.at(-1)).toBe(2)
})

it('no trial where the machine is the limit, where nothing comes, or while it is rising by itself', () => {
  expect(new Set(after(30, link(400e6, 1e9)))).toEqual(new Set([2]))
  expect(new Set(after(30, () => 0))).toEqual(new Set([2]))
  let rate = 1e6
  expect(new Set(after(20, () => (rate *= 1.2)))).toEqual(new Set([2]))
})

it('too much to do: half as many, never none', () => {
  const count = createLaneCount(16, 1000)
  for (let sample = 0; sample < 12; sample += 1) count.sample(count.wanted * 10e6)
  expect(count.wanted).toBe(16)
  const halved = Array.from({ length: 6 }, () => {
    count.trouble()
    return count.wanted
  })
  expect(halved).toEqual([8, 4, 2, 1, 1, 1])
})
