/** Every missing block is handed out once, front first. */
import { expect, it } from 'vitest'
import { blockBytes } from '../../src/downloads/journal.ts'
import { createSpans } from '../../src/downloads/spans.ts'

const bytes = 100 * blockBytes + 7

it('hands out what is missing, front first, and ends with the file', () => {
  const spans = createSpans(bytes, (block) => block < 3 || block === 50)
  const taken = []
  for (let span = spans.take(20 * blockBytes); span; span = spans.take(20 * blockBytes)) taken.push(span)
  expect(taken.map(({ start }) => start / blockBytes)).toEqual([3, 23, 43, 51, 71, 91])
  expect(taken.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(bytes - 4 * blockBytes)
  expect([taken.at(-1)?.end, spans.left]).toEqual([bytes, 0])
})

it('a file of a hundred gigabytes is handed out without looking at its start each time', () => {
  let looks = 0
  const spans = createSpans(100e9, () => {
    looks += 1
    return false
  })
  let taken = 0
  while (spans.take(1)) taken += 1
  expect([taken, looks < 3 * taken]).toEqual([Math.ceil(100e9 / blockBytes), true])
})
