/** What a control asks for: one at a time, and the newest of what was wanted meanwhile. */
import { describe, expect, it } from 'vitest'
import { deferred } from '../../../src/util/deferred.ts'
import { createCall } from '../../../web/src/ui/use-call.ts'

/** Works that wait for the test, and the order in which they began. */
function held() {
  const begun: string[] = []
  const ends = new Map<string, ReturnType<typeof deferred<void>>>()
  const work = (name: string) => (): Promise<void> => {
    begun.push(name)
    const end = deferred<void>()
    ends.set(name, end)
    return end.promise
  }
  const endOf = (name: string) => ends.get(name) ?? expect.fail(`${name} has not begun`)
  return { begun, work, endOf }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('a call', () => {
  it('is made once however often it is pressed', async () => {
    const { begun, work, endOf } = held()
    const call = createCall()
    const first = call.run(work('a'))
    await call.run(work('b'))
    expect(begun).toEqual(['a'])
    endOf('a').resolve()
    await first
    expect(call.running.value).toBe(false)
    expect(begun).toEqual(['a'])
  })

  it('says what it failed with until the next one', async () => {
    const call = createCall()
    const error = new Error('no')
    await call.run(() => Promise.reject(error))
    expect(call.error.value).toBe(error)
    await call.run(async () => {})
    expect(call.error.value).toBeUndefined()
  })

  it('that was wanted meanwhile comes after it, and of several the newest', async () => {
    const { begun, work, endOf } = held()
    const call = createCall()
    const all = call.next(work('a'))
    void call.next(work('b'))
    void call.next(work('c'))
    expect(begun).toEqual(['a'])
    endOf('a').reject(new Error('no'))
    await settled()
    expect(begun).toEqual(['a', 'c'])
    expect(call.running.value).toBe(true)
    expect(call.error.value).toBeUndefined()
    endOf('c').resolve()
    await all
    expect(call.running.value).toBe(false)
  })
})
