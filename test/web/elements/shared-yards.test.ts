/** One connection for elements of the same door. */
import { signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import { deferred } from '../../../src/util/deferred.ts'
import { createSharedYards, type Door } from '../../../web/src/elements/shared-yards.ts'
import type { ConnectionState } from '../../../web/src/yard/connection.ts'
import type { YardView } from '../../../web/src/yard/yard.ts'

interface Made {
  readonly door: Door
  readonly connection: { value: ConnectionState }
  readonly closed: Promise<void>
  isClosed: boolean
}

function scene(grace = 0) {
  const made: Made[] = []
  const shared = createSharedYards((door) => {
    const { promise, resolve } = deferred<void>()
    const connection = signal<ConnectionState>({ state: 'connecting' })
    const one: Made = { door, connection, closed: promise, isClosed: false }
    made.push(one)
    const close = (): void => {
      one.isClosed = true
      resolve()
    }
    return { connection, close } as unknown as YardView
  }, grace)
  return { made, shared }
}

const door: Door = { url: 'http://127.0.0.1:1', token: 'a' }

describe('yards that elements share', () => {
  it('are one for the same address and token', () => {
    const { made, shared } = scene()
    expect(shared.take(door).yard).toBe(shared.take({ ...door }).yard)
    expect(made).toHaveLength(1)
  })
  it('are others for another token or address', () => {
    const { made, shared } = scene()
    for (const one of [door, { ...door, token: 'b' }, { ...door, url: 'http://127.0.0.1:2' }]) shared.take(one)
    expect(made.map((one) => one.door.url + one.door.token)).toEqual(['http://127.0.0.1:1a', 'http://127.0.0.1:1b', 'http://127.0.0.1:2a'])
  })
  it('are closed when the last is gone, and only then', async () => {
    const { made, shared } = scene()
    const [first, second] = [shared.take(door), shared.take(door)]
    first.release()
    first.release()
    expect(made[0]?.isClosed).toBe(false)
    second.release()
    await made[0]?.closed
    expect(shared.take(door).yard).not.toBe(first.yard)
    expect(made).toHaveLength(2)
  })
  it('outlive a moment without anybody', async () => {
    const { made, shared } = scene(60_000)
    const first = shared.take(door)
    first.release()
    const again = shared.take(door)
    expect(again.yard).toBe(first.yard)
    expect(made).toHaveLength(1)
    expect(made[0]?.isClosed).toBe(false)
  })
  it('that are refused are nobody else’s', async () => {
    const { made, shared } = scene()
    const first = shared.take(door)
    if (made[0]) made[0].connection.value = { state: 'refused', error: new Error('no') as never }
    const second = shared.take(door)
    expect(second.yard).not.toBe(first.yard)
    first.release()
    await made[0]?.closed
    expect(shared.take(door).yard).toBe(second.yard)
  })
})
