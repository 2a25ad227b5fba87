import { expect, it } from 'vitest'
import { gatherBytes } from '../../src/platform/gathered-bytes.ts'

const tooLong = (): Error => new Error('too long')

it('gives back what came, also where more or less was announced', () => {
  for (const announced of [0, 100_000, 3 * 2 ** 20, 8 * 2 ** 20]) {
    const gathered = gatherBytes(8 * 2 ** 20, tooLong, announced)
    const piece = Buffer.from(Array.from({ length: 70_001 }, (_, index) => index % 251))
    for (let index = 0; index < 50; index += 1) gathered.add(piece)
    expect(gathered.take().equals(Buffer.concat(Array.from({ length: 50 }, () => piece)))).toBe(true)
  }
})

it('does not make room for what is only announced', () => {
  const gathered = gatherBytes(64 * 2 ** 20, tooLong, 64 * 2 ** 20)
  gathered.add(Buffer.alloc(1000))
  expect(gathered.take().buffer.byteLength).toBeLessThan(2 ** 20)
})

it('throws where more comes than may, whatever was announced', () => {
  const gathered = gatherBytes(2 ** 20, tooLong, 2 ** 30)
  gathered.add(Buffer.alloc(2 ** 20))
  expect(() => gathered.add(Buffer.alloc(1))).toThrow('too long')
})
