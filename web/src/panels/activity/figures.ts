/** What the plots and tables show of a sample, and how it is drawn. Pure. */
import type { UsageSample } from '../../sdk.ts'
import { type Bucket, noModel } from './samples.ts'
import type { Point } from './scale.ts'

export interface SeriesPoint extends Point {
  /** The worst of those that the value is the mean of. */
  readonly max?: number | undefined
}

export interface Series {
  /** A ref. */
  readonly model: string
  /** Which look it has: colour and mark. */
  readonly look: number
  readonly points: readonly SeriesPoint[]
}

/** As many lines as can be told apart; the table has all models. */
export const looks = 5

/** The models that may be drawn: the one that was chosen, as long as it is there; else all. */
export const wantedOf = (models: readonly string[], chosen: string): readonly string[] =>
  chosen !== noModel && models.includes(chosen) ? [chosen] : models

/** Which look each of these models has: the one it had before, as far as that is free. The rest has none and is not drawn. */
export function looksOf(models: readonly string[], before: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const drawn = models.filter((model) => model !== noModel).slice(0, looks)
  const made = new Map<string, number>()
  for (const model of drawn) {
    const look = before.get(model)
    if (look !== undefined && ![...made.values()].includes(look)) made.set(model, look)
  }
  for (const model of drawn) {
    const taken = [...made.values()]
    const free = Array.from({ length: looks }, (_, look) => look).find((look) => !taken.includes(look))
    if (!made.has(model) && free !== undefined) made.set(model, free)
  }
  return made
}

type Measure = (sample: UsageSample) => Omit<SeriesPoint, 'at'> | undefined

export const speedOf: Measure = ({ tokensPerSecond }) => (tokensPerSecond === undefined ? undefined : { value: tokensPerSecond })
export const firstTokenOf: Measure = ({ firstTokenMs }) => firstTokenMs && { value: firstTokenMs.mean, max: firstTokenMs.max }

export const seriesOf = (buckets: readonly Bucket[], drawn: ReadonlyMap<string, number>, measure: Measure): readonly Series[] =>
  [...drawn].map(([model, look]) => ({ model, look, points: pointsOf(buckets, model, measure) })).filter(({ points }) => points.length > 0)

const pointsOf = (buckets: readonly Bucket[], model: string, measure: Measure): readonly SeriesPoint[] =>
  buckets.flatMap(({ byModel }, at) => {
    const sample = byModel.get(model)
    const point = sample && measure(sample)
    return point ? [{ at, ...point }] : []
  })

export const topOf = (series: readonly Series[]): number =>
  Math.max(0, ...series.flatMap(({ points }) => points.map(({ value, max }) => max ?? value)))

/** Marks of the looks, around 0, so that no line is told by its colour alone. */
export const marks: readonly string[] = [
  'M0-3A3 3 0 1 0 .01-3Z',
  'M-2.7-2.7h5.4v5.4h-5.4Z',
  'M0-3.5 3.4 2.6h-6.8Z',
  'M0-3.9 3.9 0 0 3.9-3.9 0Z',
  'M-3.4-1.1h2.3v-2.3h2.2v2.3h2.3v2.2H1.1v2.3h-2.2V1.1h-2.3Z',
]
