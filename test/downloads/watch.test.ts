/** Silence, sleep and set clocks, told by a clock in the hand. */
import { expect, it } from 'vitest'
import { usualLimits } from '../../src/downloads/downloads.ts'
import { Silent, Woken } from '../../src/downloads/failures.ts'
import { createSlowLanes, createWatch, type Watched } from '../../src/downloads/watch.ts'

const everyMs = 1000

function subject(): { go: (monotonic: number, wall?: number) => void; add: (phase: Watched['phase']) => unknown[] } {
  const now = { monotonic: 0, wall: 1e12 }
  const watch = createWatch(usualLimits, everyMs, { monotonic: () => now.monotonic, wall: () => now.wall })
  const all: Watched[] = []
  return {
    go(monotonic, wall = monotonic) {
      now.monotonic += monotonic
      now.wall += wall
      watch(all)
    },
    add(phase) {
      const ends: unknown[] = []
      all.push({ phase, since: now.monotonic, end: (why) => void ends.push(why) })
      return ends
    },
  }
}

it('ends what is silent for too long, each by its own limit, and nothing that we hold', () => {
  const { go, add } = subject()
  const phases = (['connect', 'head', 'body', 'held', 'idle'] as const).map(add)
  const silent = (): boolean[] => phases.map((ends) => ends.some((why) => why instanceof Silent))
  for (let second = 0; second < 10; second += 1) go(everyMs)
  expect(silent()).toEqual([false, false, false, false, false])
  go(everyMs)
  expect(silent()).toEqual([true, false, false, false, false])
  for (let second = 11; second < 16; second += 1) go(everyMs)
  expect(silent()).toEqual([true, false, true, false, false])
  for (let second = 16; second < 60; second += 1) go(everyMs)
  expect(silent()).toEqual([true, true, true, false, false])
})

it.each<[string, number, number]>([
  ['the monotonic clock went on', 3_600_000, 3_600_000],
  ['the monotonic clock stood', everyMs, 3_600_000],
])('after sleep (%s) every connection is a new one, and nobody was silent', (_, monotonic, wall) => {
  const { go, add } = subject()
  const [busy, kept] = [add('body'), add('idle')]
  go(everyMs)
  go(monotonic, wall)
  expect([busy, kept].map((ends) => ends.map((why) => why instanceof Woken))).toEqual([[true], [true]])
})

it('a late timer, a clock that was set back: nothing ends', () => {
  const { go, add } = subject()
  const busy = add('body')
  go(5000)
  go(everyMs, -86_400_000)
  go(everyMs)
  expect(busy).toEqual([])
})

it('a lane that brings next to nothing is ended after ten samples, where others do better', () => {
  const lanes = [1, 1, 1].map(() => ({ received: 0 }))
  const slow = createSlowLanes<{ received: number }>(10)
  const sample = (paces: readonly number[]): number[] => {
    for (const [index, pace] of paces.entries()) (lanes[index] ?? { received: 0 }).received += pace
    return slow(lanes.slice(0, paces.length)).map((lane) => lanes.indexOf(lane))
  }
  const paces = [1000, 1000, 99]
  expect(Array.from({ length: 9 }, () => sample(paces)).flat()).toEqual([])
  expect(sample(paces)).toEqual([2])
  expect(sample(paces)).toEqual([])
  expect(Array.from({ length: 20 }, () => sample([1000, 1000, 101])).flat()).toEqual([])
  expect(Array.from({ length: 20 }, () => sample([1000, 1])).flat()).toEqual([])
})
