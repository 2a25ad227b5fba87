/** Samples in buckets, and where they stand in a plot. */
import { describe, expect, it } from 'vitest'
import { firstTokenOf, looksOf, seriesOf, speedOf, topOf, wantedOf } from '../../../web/src/panels/activity/figures.ts'
import { bucketsOf, errorsOf, joined, spans, totalsOf, withoutOld } from '../../../web/src/panels/activity/samples.ts'
import { runsOf, scaleTo, timeTicks } from '../../../web/src/panels/activity/scale.ts'
import type { UsageSample } from '../../../web/src/sdk.ts'

const now = Date.parse('2026-01-01T12:00:05.000Z')
const sample = (secondsAgo: number, ref: string | undefined, more: Partial<UsageSample> = {}): UsageSample => ({
  from: new Date(now - secondsAgo * 1000).toISOString(),
  seconds: 10,
  slot: 'default',
  ...(ref !== undefined && { ref }),
  requests: 1,
  ok: 1,
  left: 0,
  errors: {},
  promptTokens: 10,
  completionTokens: 100,
  tokensPerSecond: 20,
  firstTokenMs: { count: 1, mean: 100, max: 150 },
  leases: 1,
  waiting: 0,
  ...more,
})

it('what came while the page was open is kept for a day, however long it is open', () => {
  const day = 24 * 3600
  const kept = [sample(day + 1, 'a'), sample(day - 1, 'b'), sample(0, 'c')]
  expect(withoutOld(kept, now).map(({ ref }) => ref)).toEqual(['b', 'c'])
})

describe('the buckets of a range', () => {
  it('are all there, also where nothing was, and end with now', () => {
    const buckets = bucketsOf([sample(0, 'a'), sample(25, 'a')], 'quarter', now)
    expect(buckets).toHaveLength(90)
    expect(buckets.at(-1)).toMatchObject({ from: now - 5000, to: now + 5000 })
    expect(buckets.filter(({ all }) => all).map(({ from }) => now - from)).toEqual([25_000, 5000])
  })

  it('leave out what is older, and what has no time', () => {
    const old = sample(spans.quarter.ms / 1000 + 10, 'a')
    expect(bucketsOf([old, { ...old, from: 'never' }], 'quarter', now).every(({ all }) => all === undefined)).toBe(true)
  })

  it('add up what is of one model, and all models apart from that', () => {
    const [bucket] = bucketsOf(
      [
        sample(20, 'a'),
        sample(40, 'a', { tokensPerSecond: 10, slot: 'other' }),
        sample(30, 'b'),
        sample(10, undefined, { requests: 3, ok: 0 }),
      ],
      'day',
      now,
    ).filter(({ all }) => all)
    expect(bucket?.byModel.get('a')).toMatchObject({ requests: 2, completionTokens: 200, tokensPerSecond: 13.33 })
    expect(bucket?.all).toMatchObject({ requests: 6 })
    expect([...(bucket?.byModel.keys() ?? [])].sort()).toEqual(['', 'a', 'b'])
  })

  it('have totals: most requests first, what no model admitted last', () => {
    const none = sample(10, undefined, { requests: 9, errors: { timeout: 4, slot_empty: 5 } })
    const totals = totalsOf(bucketsOf([sample(0, 'a'), none, sample(700, 'b'), sample(20, 'b')], 'hour', now))
    expect(totals.map(([model, { requests }]) => [model, requests])).toEqual([
      ['b', 2],
      ['a', 1],
      ['', 9],
    ])
    expect(errorsOf(none)).toBe(9)
  })
})

describe('what was asked for and what came since', () => {
  it('has nothing twice and nothing that is older than a day', () => {
    const asked = [sample(86_500, 'a'), sample(20, 'a'), sample(10, 'a')]
    const live = [sample(20, 'a'), sample(10, 'a'), sample(10, 'b'), sample(0, 'a')]
    const both = joined(asked, live, now)
    expect(both.map(({ from, ref }) => [now - Date.parse(from), ref])).toEqual([
      [20_000, 'a'],
      [10_000, 'a'],
      [10_000, 'b'],
      [0, 'a'],
    ])
    expect(joined([], live, now)).toHaveLength(4)
  })
})

describe('what is drawn', () => {
  const buckets = bucketsOf([sample(0, 'a'), sample(10, 'a'), sample(30, 'a'), sample(10, 'b', { tokensPerSecond: 90 })], 'quarter', now)

  it('has a point where a model answered, and none where it did not', () => {
    const [a, b] = seriesOf(buckets, looksOf(['a', 'b'], new Map()), speedOf)
    expect([a?.points.map(({ at }) => at), b?.points.map(({ at, value }) => [at, value])]).toEqual([[86, 88, 89], [[88, 90]]])
    expect(seriesOf(buckets, looksOf(['c'], new Map()), speedOf)).toEqual([])
  })

  it('is as high as the worst', () => {
    expect(topOf(seriesOf(buckets, looksOf(['a'], new Map()), firstTokenOf))).toBe(150)
    expect(topOf([])).toBe(0)
  })

  it('is joined only between neighbours', () => {
    expect(runsOf([3, 4, 7, 9, 10].map((at) => ({ at, value: 1 }))).map((run) => run.map(({ at }) => at))).toEqual([[3, 4], [7], [9, 10]])
  })

  it('is one model where one is chosen, and all where it has gone', () => {
    expect(wantedOf(['a', 'b', ''], 'b')).toEqual(['b'])
    expect(wantedOf(['a', ''], 'b')).toEqual(['a', ''])
    expect(wantedOf(['a', ''], '')).toEqual(['a', ''])
  })

  it('keeps the look of a model, and gives none twice', () => {
    const first = looksOf(['a', 'b', 'c'], new Map())
    expect([...first]).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ])
    expect(looksOf(['c', 'a'], first).get('c')).toBe(2)
    const many = looksOf(['v', 'c', 'w', 'x', 'y', 'z', ''], first)
    expect(new Set(many.values()).size).toBe(5)
    expect([many.get('c'), many.has('z'), many.has('')]).toEqual([2, false, false])
  })
})

describe('a scale', () => {
  it.each([
    [0, [0, 0.5, 1]],
    [0.9, [0, 0.5, 1]],
    [37, [0, 10, 20, 30, 40]],
    [61.2, [0, 20, 40, 60, 80]],
    [3, [0, 1, 2, 3]],
    [2400, [0, 1000, 2000, 3000]],
  ])('up to %s has round steps', (value, ticks) => {
    expect(scaleTo(value).ticks).toEqual(ticks)
    expect(scaleTo(value).max).toBeGreaterThanOrEqual(value)
  })

  it('of counts has whole steps', () => {
    expect(scaleTo(0, { most: 2, least: 1 }).ticks).toEqual([0, 1])
    expect(scaleTo(1, { most: 2, least: 1 }).ticks).toEqual([0, 1])
    expect(scaleTo(3, { most: 2, least: 1 }).ticks).toEqual([0, 2, 4])
  })

  it('of time has round times in the range', () => {
    const from = Date.parse('2026-01-01T11:02:00Z')
    const ticks = timeTicks(from, from + 3_600_000, 5)
    expect(ticks.map((one) => new Date(one).toISOString().slice(11, 16))).toEqual(['11:15', '11:30', '11:45', '12:00'])
    expect(timeTicks(from, from + 86_400_000, 4, 3_600_000).map((one) => new Date(one).getUTCHours())).toEqual([13, 19, 1, 7])
  })
})
