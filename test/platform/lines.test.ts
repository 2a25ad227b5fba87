import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLineFeed } from '../../src/platform/lines.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)

/** Every line of what comes in these pieces. */
function linesOf(pieces: readonly Uint8Array[], maxBytes?: number): string[] {
  const feed = createLineFeed(maxBytes)
  const lines = pieces.flatMap((piece) => feed.push(piece))
  const last = feed.end()
  return last === undefined ? lines : [...lines, last]
}

const cut = (whole: Uint8Array, at: readonly number[]): Uint8Array[] => {
  const places = [0, ...at.map((one) => one % (whole.length + 1)).sort((a, b) => a - b), whole.length]
  return places.slice(1).map((end, i) => whole.subarray(places[i], end))
}

describe('lines', () => {
  it('are the same wherever the bytes are cut, characters included', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'ä', '漢', '😀', '{', '"', ' ') })
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat()), fc.constantFrom('\n', '\r\n'), (wanted, at, end) => {
        const whole = bytes(wanted.map((one) => one + end).join(''))
        expect(linesOf(cut(whole, at))).toEqual(wanted)
      }),
    )
  })

  it('need no end at the last one, and lose it only once', () => {
    const feed = createLineFeed()
    expect(feed.push(bytes('a\nb'))).toEqual(['a'])
    expect(feed.end()).toBe('b')
    expect(feed.end()).toBeUndefined()
  })

  it('an empty one is a line, a CR inside stays', () => {
    expect(linesOf([bytes('\n\r\na\rb\r'), bytes('\n')])).toEqual(['', '', 'a\rb'])
  })

  it('a mark of the byte order is dropped at the very beginning only', () => {
    expect(linesOf([bytes('\ufeffa\n\ufeffb\n')])).toEqual(['a', '\ufeffb'])
  })

  it('what is no UTF-8 becomes U+FFFD and harms no neighbour', () => {
    expect(linesOf([Uint8Array.of(0x61, 0xc3, 0x0a, 0x62, 0x0a)])).toEqual(['a\ufffd', 'b'])
  })

  it('are limited in bytes, in one piece and in many', () => {
    const wide = '漢'.repeat(10)
    expect(linesOf([bytes(`${wide}\n`)], 30)).toEqual([wide])
    expect(() => linesOf([bytes(`${wide}x\n`)], 30)).toThrow('at most 30 bytes')
    expect(() => linesOf([bytes(wide), bytes('x')], 30)).toThrow('at most 30 bytes')
    const feed = createLineFeed(30)
    feed.push(bytes(wide))
    expect(() => feed.push(bytes('x'))).toThrow('at most 30 bytes')
    expect(linesOf([bytes('12345\n67890\nabcde\n')], 5)).toHaveLength(3)
  })

  it('a long one in tiny pieces costs each byte once', () => {
    const feed = createLineFeed()
    const piece = bytes('x')
    for (let i = 0; i < 1_000_000; i++) feed.push(piece)
    expect(feed.push(bytes('\n'))[0]).toHaveLength(1_000_000)
  })

  it('are read from any view of a larger buffer', () => {
    expect(linesOf([new Uint8Array(bytes('xxa\nxx').buffer.slice(0), 0, 0), bytes('xxa\nxx').subarray(2, 4)])).toEqual(['a'])
  })
})
