import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createCrowd } from '../../src/util/crowd.ts'

it('has those who have come and not gone, whatever the order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 30 })), (steps) => {
      const crowd = createCrowd<number>()
      const leaving = new Map<number, () => void>()
      for (const [member, step] of steps.entries()) {
        const [left, leave] = [...leaving][step] ?? []
        leave?.()
        leave?.()
        if (left !== undefined) leaving.delete(left)
        leaving.set(member, crowd.join(member))
      }
      expect([...crowd.members()].sort((a, b) => a - b)).toEqual([...leaving.keys()].sort((a, b) => a - b))
    }),
  )
})
