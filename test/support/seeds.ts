/** What a seed decides, and how often a process is killed in all: forty times; two hundred with MODELYARD_LONG=1. */
export const killsInAll = process.env.MODELYARD_LONG === '1' ? 200 : 40

/** As many seeds as it takes when each kills so often. */
export const seedsOf = (kills: number): number[] => Array.from({ length: killsInAll / kills }, (_, index) => index + 1)

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
