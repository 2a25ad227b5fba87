import { describe, expect, it } from 'vitest'
import { createLanes } from '../../../src/providers/embedded/child-lanes.ts'

describe('the lanes of a context', () => {
  it('are given in the order of asking, each to one at a time', async () => {
    const lanes = createLanes(['only'])
    const [first, second, third] = [lanes.queue(), lanes.queue(), lanes.queue()]
    const order: string[] = []
    for (const [name, place] of Object.entries({ first, second, third })) void place.turn.then((lane) => order.push(`${name} ${lane}`))
    expect(await first.turn).toBe('only')
    expect(order).toEqual(['first only'])
    first.leave()
    expect(await second.turn).toBe('only')
    first.leave()
    expect(order).toEqual(['first only', 'second only'])
    second.leave()
    expect(await third.turn).toBe('only')
  })

  it('who gives up while waiting gets none, who has one keeps it until it leaves', async () => {
    const lanes = createLanes([1])
    const [holder, gone, next] = [lanes.queue(), lanes.queue(), lanes.queue()]
    holder.giveUp()
    gone.giveUp()
    expect(await gone.turn).toBeUndefined()
    let served = false
    void next.turn.then(() => {
      served = true
    })
    await holder.turn
    expect(served).toBe(false)
    gone.leave()
    holder.leave()
    expect(await next.turn).toBe(1)
  })
})
