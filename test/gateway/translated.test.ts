/** Answers through the neutral form: what fails before anything was said is an answer with a status. */
import { afterEach, describe, expect, it } from 'vitest'
import { fakeOpenAi } from '../../src/testing/index.ts'
import { gatewayScene, openaiAt } from './scene.ts'

const held: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of held.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

const messages = [{ role: 'user', content: 'Hello' }]

describe('a stream', () => {
  it.each([
    ['/v1/messages', { type: 'error', error: { message: expect.stringContaining('out of luck') } }],
    ['/api/chat', { error: expect.stringContaining('out of luck.') }],
  ])('of %s that fails after the engine has begun and before its first token has a status', async (path, error) => {
    const engine = await fakeOpenAi({ models: [{ name: 'tiny' }] })
    held.push(engine)
    const scene = await gatewayScene({ providers: openaiAt(engine.url), switchTo: 'other/tiny' })
    held.push(scene)
    engine.faults.add({ path: '/v1/chat/completions', fault: { kind: 'error-inside', message: 'out of luck', after: 0 }, times: 1 })
    const answer = await scene.ask(path, { model: 'default', stream: true, max_tokens: 3, messages })
    expect(answer.status).toBe(502)
    expect(await answer.json()).toMatchObject(error)
  })
})
