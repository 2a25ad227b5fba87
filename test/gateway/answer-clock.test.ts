import { expect, it } from 'vitest'
import { answering } from '../../src/gateway/workshop.ts'
import type { Admitted } from '../../src/yard/admit.ts'

it("an answer's clock begins with it, which dates and durations are made from", () => {
  const before = performance.now()
  const { clock } = answering({ name: 'm' } as Admitted)
  const first = clock()
  expect(first).toBeLessThanOrEqual(performance.now() - before)
  expect(clock()).toBeGreaterThanOrEqual(first)
})
