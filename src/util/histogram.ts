/** How values are spread: counts between fixed bounds, which cost nothing to add to. */
export interface Histogram {
  readonly bounds: readonly number[]
  /** How many lay at or below each bound and above the one before; the last: above all. */
  readonly counts: Float64Array
  readonly count: number
  readonly sum: number
  add(value: number): void
}

export function createHistogram(bounds: readonly number[]): Histogram {
  const counts = new Float64Array(bounds.length + 1)
  let count = 0
  let sum = 0
  return {
    bounds,
    counts,
    get count() {
      return count
    },
    get sum() {
      return sum
    },
    add(value) {
      let at = 0
      while (at < bounds.length && value > (bounds[at] as number)) at += 1
      counts[at] = (counts[at] as number) + 1
      count += 1
      sum += value
    },
  }
}
