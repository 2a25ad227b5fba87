/** Every request is counted once, as what its client saw. */
import { afterEach, describe, expect, it } from 'vitest'
import { fakeOpenAi } from '../../src/testing/index.ts'
import { gatewayScene, openaiAt, type Scene } from './scene.ts'

const held: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of held.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

const messages = [{ role: 'user', content: 'Hello' }]
const outcomes = ({ test }: Scene) =>
  Object.fromEntries(test.yard.meter.totals().flatMap(({ requests }) => [...requests].flatMap(([, ends]) => [...ends])))

describe('a stream that is handed on', () => {
  it('with an error of the engine as its end is no answer', async () => {
    const engine = await fakeOpenAi({ models: [{ name: 'tiny' }] })
    held.push(engine)
    const scene = await gatewayScene({ providers: openaiAt(engine.url), switchTo: 'other/tiny' })
    held.push(scene)
    engine.faults.add({ path: '/v1/chat/completions', fault: { kind: 'error-inside', message: 'out of luck', after: 1 }, times: 1 })
    const answer = await scene.ask('/v1/chat/completions', { model: 'default', stream: true, messages })
    expect(await answer.text()).toMatch(/out of luck[^\n]*\n\n$/)
    expect(outcomes(scene)).toEqual({ provider_error: 1 })
    await (await scene.ask('/v1/chat/completions', { model: 'default', stream: true, messages })).text()
    expect(outcomes(scene)).toEqual({ provider_error: 1, ok: 1 })
  })
})

describe('a whole answer that is handed on', () => {
  it('and was cut off by the engine is an error, and counted so', async () => {
    const engine = await fakeOpenAi({ models: [{ name: 'tiny' }] })
    held.push(engine)
    const scene = await gatewayScene({ providers: openaiAt(engine.url), switchTo: 'other/tiny' })
    held.push(scene)
    engine.faults.add({ path: '/v1/chat/completions', fault: { kind: 'truncated-json' }, times: 1 })
    const answer = await scene.ask('/v1/chat/completions', { model: 'default', messages })
    expect([answer.status, await answer.json()]).toEqual([502, { error: expect.objectContaining({ code: 'provider_protocol' }) }])
    expect(outcomes(scene)).toEqual({ provider_protocol: 1 })
    expect(scene.test.yard.slots.get('default').leases).toBe(0)
  })
})
