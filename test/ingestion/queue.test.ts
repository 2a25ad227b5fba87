import { describe, expect, it } from 'vitest'
import { createQueue } from '../../src/ingestion/queue.ts'

const never = (): AbortSignal => new AbortController().signal

/** Enters and notes in which order. */
function visitors(places: number) {
  const queue = createQueue(places)
  const inside: string[] = []
  const waited: string[] = []
  const enter = async (name: string, signal = never()) => {
    const leave = await queue.enter(signal, () => waited.push(name))
    inside.push(name)
    return leave
  }
  return { queue, inside, waited, enter }
}

describe('the queue of downloads', () => {
  it('lets in so many, the others in the order they came', async () => {
    const { inside, waited, enter } = visitors(2)
    const [first, second, third, fourth] = ['a', 'b', 'c', 'd'].map((name) => enter(name))
    const leave = await first
    await second
    expect([inside, waited]).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
    leave?.()
    leave?.()
    await third
    expect(inside).toEqual(['a', 'b', 'c'])
    ;(await second)?.()
    await fourth
    expect(inside).toEqual(['a', 'b', 'c', 'd'])
  })

  it('forgets who gave up waiting', async () => {
    const { inside, enter } = visitors(1)
    const leave = await enter('a')
    const stop = new AbortController()
    const gone = enter('b', stop.signal)
    const last = enter('c')
    stop.abort()
    await expect(gone).rejects.toMatchObject({ code: 'cancelled' })
    leave()
    await last
    expect(inside).toEqual(['a', 'c'])
  })

  it('takes more at once when told so', async () => {
    const { queue, inside, enter } = visitors(1)
    await enter('a')
    const second = enter('b')
    queue.setPlaces(2)
    await second
    expect(inside).toEqual(['a', 'b'])
  })
})
