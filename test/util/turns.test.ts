import { expect, it } from 'vitest'
import { deferred } from '../../src/util/deferred.ts'
import { createTurns } from '../../src/util/turns.ts'

it('work goes one after the other, in the order of asking, also after one that failed', async () => {
  const inTurn = createTurns()
  const seen: string[] = []
  const gates = ['a', 'b', 'c'].map((name) => ({ name, gate: deferred<void>() }))
  const turns = gates.map(({ name, gate }) =>
    inTurn(async () => {
      seen.push(`${name} begins`)
      await gate.promise
      seen.push(`${name} ends`)
      if (name === 'b') throw new TypeError('b failed')
      return name
    }),
  )
  for (const { gate } of [...gates].reverse()) gate.resolve()
  expect((await Promise.allSettled(turns)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  expect(await turns[2]).toBe('c')
})
