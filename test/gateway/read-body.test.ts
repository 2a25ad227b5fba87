import { expect, it } from 'vitest'
import { bodyOf } from '../../src/gateway/read-body.ts'

/** Bigger than two slices of what is looked at in one go; where they end lies within a character for one of the shifts. */
const bigText = (shift: number): string => `{"text":"${'x'.repeat(shift)}${'é€😀'.repeat(1_000_000)}"}`

it('takes a big text of characters of several bytes, wherever its slices end', async () => {
  for (let shift = 0; shift < 4; shift += 1) expect((await bodyOf(Buffer.from(bigText(shift)))).members.has('text')).toBe(true)
})

it('refuses a big text with a damaged character, wherever it lies', async () => {
  const bytes = Buffer.from(bigText(0))
  for (const at of [20, 4 * 2 ** 20 - 1, 4 * 2 ** 20, 4 * 2 ** 20 + 1, bytes.length - 4]) {
    const damaged = Buffer.from(bytes)
    damaged[at] = 0xff
    await expect(bodyOf(damaged)).rejects.toThrow(/UTF-8/)
  }
})
