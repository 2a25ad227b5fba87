/** The API without a network: what is left is let go of, however long the answer has been read. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { createInProcessApi } from '../../src/api/in-process.ts'
import { createClient } from '../../src/client/index.ts'
import { testYard } from '../support/test-yard.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

describe('a stream without a network', () => {
  it('ends when its reader leaves, also after the request was forgotten', async () => {
    await using test = await testYard()
    const api = createInProcessApi(test.yard)
    const stop = new AbortController()
    const events = createClient(api).events({ signal: stop.signal })
    expect((await events.next()).value).toMatchObject({ type: 'snapshot' })
    // A request that nothing refers to is collected, and its signal follows nobody then.
    for (let round = 0; round < 3; round += 1) {
      await new Promise((resolve) => setImmediate(resolve))
      collectGarbage()
    }
    const next = events.next()
    stop.abort()
    expect(await next).toEqual({ done: true, value: undefined })
    api.close()
  })
})
