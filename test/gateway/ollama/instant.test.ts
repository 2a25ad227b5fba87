import fc from 'fast-check'
import { expect, it } from 'vitest'
import { instantsOf } from '../../../src/gateway/ollama/instant.ts'

it('instants are those of the clock, in every millisecond', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), fc.array(fc.double({ min: 0, max: 5000, noNaN: true })), (at, steps) => {
      let now = 0
      const instant = instantsOf({ model: 'm', id: 'i', at, clock: () => now })
      for (const step of steps) {
        now += step
        expect(instant()).toBe(new Date(Math.floor(at + now)).toISOString())
      }
    }),
  )
})
