/** What is still to be fetched, front first: taken by lanes, which keep at a span until it is there. Nothing is looked at twice. */
import type { Span } from './check-answer.ts'
import { blockBytes, blockCount } from './journal.ts'

export interface Spans {
  /** Bytes at most that no lane has. */
  readonly left: number
  /** The first bytes that nobody has, at most so many (rounded up to blocks). */
  take(most: number): Span | undefined
}

interface Gap {
  start: number
  /** In blocks, exclusive. */
  readonly end: number
}

export function createSpans(bytes: number, has: (block: number) => boolean): Spans {
  /** The first gap is the last of these. */
  const gaps = gapsOf(blockCount(bytes), has).reverse()
  let left = gaps.reduce((sum, { start, end }) => sum + end - start, 0)
  return {
    get left() {
      return left * blockBytes
    },
    take(most) {
      const gap = gaps.at(-1)
      if (!gap) return undefined
      const start = gap.start
      const end = Math.min(gap.end, start + Math.max(1, Math.ceil(most / blockBytes)))
      gap.start = end
      if (end === gap.end) gaps.pop()
      left -= end - start
      return { start: start * blockBytes, end: Math.min(end * blockBytes, bytes) }
    },
  }
}

function gapsOf(count: number, has: (block: number) => boolean): Gap[] {
  const gaps: Gap[] = []
  for (let block = 0; block < count; block += 1) {
    if (has(block)) continue
    const start = block
    while (block < count && !has(block)) block += 1
    gaps.push({ start, end: block })
  }
  return gaps
}
