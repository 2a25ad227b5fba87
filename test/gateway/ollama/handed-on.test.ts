/** Ollama's dialect over Ollama: handed on as it comes, with all that its answers may end with. */
import { afterEach, describe, expect, it } from 'vitest'
import { type FakeOllama, fakeOllama } from '../../../src/testing/index.ts'
import { gatewayScene, ollamaAt, type Scene } from '../scene.ts'

const held: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of held.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

async function over(): Promise<{ scene: Scene; engine: FakeOllama }> {
  const engine = await fakeOllama({ models: [{ name: 'a:latest' }] })
  held.push(engine)
  const scene = await gatewayScene({ providers: ollamaAt(engine.url), switchTo: 'ollama/a:latest' })
  held.push(scene)
  return { scene, engine }
}

describe('/api/generate', () => {
  it('ends well though its last line names thousands of tokens after it said so', async () => {
    const { scene } = await over()
    const answer = await scene.ask('/api/generate', { model: 'default', prompt: 'Hello', options: { num_predict: 3000 } })
    const lines = (await answer.text()).trimEnd().split('\n')
    const last = JSON.parse(lines.at(-1) ?? '') as { done?: boolean; context?: number[] }
    expect([lines.length, last.done, last.context?.length]).toEqual([3001, true, 3003])
    const [counted] = scene.test.yard.meter.totals()
    expect(counted).toMatchObject({ completionTokens: 3000, requests: new Map([['/api/generate', new Map([['ok', 1]])]]) })
  })
})

describe('a model that others may use', () => {
  it.each([
    ['/api/generate', 'default', {}],
    ['/api/generate', 'ollama/a:latest', { prompt: '' }],
    ['/api/chat', 'ollama/a:latest', { messages: [] }],
  ])('is not unloaded by a client of %s that asks %s so', async (path, model, more) => {
    const { scene, engine } = await over()
    const answer = await scene.ask(path, { model, keep_alive: 0, ...more })
    expect([answer.status, await answer.json()]).toEqual([422, { error: expect.stringContaining('modelyard unload ollama/a:latest') }])
    expect([...engine.shelf.loaded.keys()]).toEqual(['a:latest'])
  })
})

describe('/api/show', () => {
  it('knows the name as the ollama command sends it: beside an empty model', async () => {
    const { scene } = await over()
    const answer = await scene.ask('/api/show', {
      model: '',
      system: '',
      template: '',
      verbose: false,
      options: null,
      name: 'ollama/a:latest',
    })
    expect(await answer.json()).toMatchObject({ modelfile: 'FROM ollama/a:latest\n' })
    expect((await scene.ask('/api/show', { model: '', name: 'nobody' })).status).toBe(404)
  })
})
