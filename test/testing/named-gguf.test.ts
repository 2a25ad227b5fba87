import { describe, expect, it } from 'vitest'
import { damagedGguf } from '../../src/testing/gguf/damaged-gguf.ts'
import { namedGguf } from '../../src/testing/gguf/named-gguf.ts'
import { tinyGguf } from '../../src/testing/gguf/tiny-gguf.ts'

describe('tiny models', () => {
  it('are the same bytes for the same options, and others for others', () => {
    expect(Buffer.compare(tinyGguf(), tinyGguf())).toBe(0)
    expect(Buffer.compare(tinyGguf({ seed: 1 }), tinyGguf({ seed: 2 }))).not.toBe(0)
    expect(tinyGguf().byteLength).toBeGreaterThan(490_000)
    expect(tinyGguf().byteLength).toBeLessThan(520_000)
  })

  it.each(['a', 'aa', 'abca', 'Ab', 'a-b', '', 'ä'])('have names that they can say: not %j', (name) => {
    expect(() => namedGguf(name)).toThrow(/small letters that all differ/)
  })

  it('can be damaged in ways of their own', () => {
    expect(damagedGguf('truncated').byteLength).toBe(100_000)
    expect(Buffer.from(damagedGguf('random-bytes')).subarray(0, 4).toString()).not.toBe('GGUF')
    expect(Buffer.from(damagedGguf('unknown-architecture')).includes('nosuch')).toBe(true)
    expect(damagedGguf('bad-tensor').byteLength).toBe(tinyGguf().byteLength)
  })
})
