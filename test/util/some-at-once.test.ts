import { expect, it } from 'vitest'
import { someAtOnce } from '../../src/util/some-at-once.ts'

it('works on so many at a time and answers in their order', async () => {
  let running = 0
  let most = 0
  const work = async (item: number): Promise<number> => {
    running += 1
    most = Math.max(most, running)
    for (let turn = 0; turn < 10 - item; turn += 1) await Promise.resolve()
    running -= 1
    return item * 2
  }
  expect(await someAtOnce([1, 2, 3, 4, 5, 6, 7], 3, work)).toEqual([2, 4, 6, 8, 10, 12, 14])
  expect(most).toBe(3)
  expect(await someAtOnce([], 3, work)).toEqual([])
  await expect(someAtOnce([1, 2], 1, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
})
