/** A growing text in blocks. */
import { describe, expect, it } from 'vitest'
import { append } from '../../../web/src/panels/try/blocks.ts'

const line = `${'word '.repeat(20)}\n`
const pieces = Array.from({ length: 5000 }, (_, at) => (at % 7 === 0 ? `${at}\n` : `token ${at} `))
/** After each part. */
function grown(parts: readonly string[]): (readonly string[])[] {
  const steps: (readonly string[])[] = []
  for (const one of parts) steps.push(append(steps.at(-1) ?? [], one))
  return steps
}

describe('blocks of a text', () => {
  it('are the text when joined, however it came', () => {
    expect(grown(pieces).at(-1)?.join('')).toBe(pieces.join(''))
    expect(append([], pieces.join('')).join('')).toBe(pieces.join(''))
  })

  it('change at their end alone, and end with a line', () => {
    const steps = grown(pieces)
    for (let at = 1; at < steps.length; at += 97) {
      const [before = [], now = []] = [steps[at - 1], steps[at]]
      expect(now.slice(0, before.length - 1)).toEqual(before.slice(0, -1))
      expect(now.slice(0, -1).every((one) => one.endsWith('\n'))).toBe(true)
    }
  })

  it('stay small', () => {
    const blocks = append([], line.repeat(2000))
    expect(Math.max(...blocks.map((one) => one.length))).toBeLessThanOrEqual(4000 + line.length)
    expect(blocks.length).toBeGreaterThan(40)
  })

  it('break a line that never ends, but no character', () => {
    const blocks = append([], '😀'.repeat(50_000))
    expect(blocks.length).toBe(4)
    expect(blocks.every((one) => one.isWellFormed())).toBe(true)
    expect(append([], `x${'😀'.repeat(50_000)}`).every((one) => one.isWellFormed())).toBe(true)
  })
})
