/** Where a value stands in a plot. Pure. */

export interface Scale {
  readonly max: number
  /** With 0, and the top. */
  readonly ticks: readonly number[]
}

/** From 0 to a round number that is not below, in at most so many steps, none of them smaller than the least. */
export function scaleTo(value: number, { most = 4, least = 0 }: { readonly most?: number; readonly least?: number } = {}): Scale {
  const top = value > 0 ? value : Math.max(1, least)
  const power = 10 ** Math.floor(Math.log10(top / most))
  const steps = [1, 2, 5, 10, 20].map((one) => Math.max(least, one * power))
  const step = steps.find((one) => Math.ceil(top / one - 1e-9) <= most) ?? top
  const count = Math.ceil(top / step - 1e-9)
  return { max: count * step, ticks: Array.from({ length: count + 1 }, (_, at) => at * step) }
}

export interface Point {
  /** Which bucket. */
  readonly at: number
  readonly value: number
}

/** Runs of neighbours: a line is drawn inside one, never over buckets in which nothing was. */
export function runsOf(points: readonly Point[]): readonly (readonly Point[])[] {
  const runs: Point[][] = []
  for (const point of points) {
    const run = runs.at(-1)
    if (run?.at(-1)?.at === point.at - 1) run.push(point)
    else runs.push([point])
  }
  return runs
}

/** Round times in a range, as many as fit: steps of minutes that a clock has. */
export function timeTicks(from: number, to: number, most: number, offsetMs = 0): readonly number[] {
  const step =
    [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((one) => one * 60_000).find((one) => (to - from) / one <= most) ?? to - from
  const first = Math.ceil((from - offsetMs) / step) * step + offsetMs
  const ticks: number[] = []
  for (let at = first; at < to; at += step) ticks.push(at)
  return ticks
}
