import { randomFrom } from '../support/seeds.ts'

/** What a seed decides. Whoever decides something has a chance of its own, so that nobody's course hangs on the others'. */
export interface Chance {
  /** True so often, of 1. */
  is(share: number): boolean
  pick<T>(from: readonly T[]): T
  /** A whole number between these, both included. */
  between(least: number, most: number): number
}

export function chanceOf(seed: number, who: number): Chance {
  const random = randomFrom(seed * 1009 + who)
  return {
    is: (share) => random() < share,
    pick: (from) => from[Math.floor(random() * from.length)] as (typeof from)[number],
    between: (least, most) => least + Math.floor(random() * (most - least + 1)),
  }
}
