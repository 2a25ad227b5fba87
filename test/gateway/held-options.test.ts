/** A model stays loaded as its slot, or its settings, have it, whoever asks in whatever dialect: nothing is loaded anew. */
import { afterEach, describe, expect, it } from 'vitest'
import type { ConfigFile } from '../../src/contract/index.ts'
import { type FakeOllama, fakeOllama } from '../../src/testing/index.ts'
import { gatewayScene, ollamaAt, type Scene } from './scene.ts'

const held: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of held.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

async function ground(models?: ConfigFile['models']): Promise<{ engine: FakeOllama; scene: Scene }> {
  const engine = await fakeOllama({
    models: [
      { name: 'a:latest', contextLength: 8192 },
      { name: 'e:latest', kind: 'embedding' },
    ],
  })
  held.push(engine)
  const scene = await gatewayScene({ providers: ollamaAt(engine.url), ...(models && { models }) })
  held.push(scene)
  return { engine, scene }
}

const messages = [{ role: 'user', content: 'Hello' }]
/** What would load it anew, or not keep it, if it were obeyed. */
const own = { options: { num_ctx: 99, num_gpu: 0, num_batch: 7, temperature: 0.5 }, keep_alive: '1s' }
const asked: readonly (readonly [string, object])[] = [
  ['/v1/chat/completions', { messages }],
  ['/v1/chat/completions', { messages, stream: true }],
  ['/v1/messages', { messages, max_tokens: 4 }],
  ['/v1/messages', { messages, max_tokens: 4, stream: true }],
  ['/api/chat', { messages, ...own }],
  ['/api/chat', { messages, ...own, stream: false }],
  ['/api/chat', { messages, options: null }],
  ['/api/generate', { prompt: 'Hello', ...own }],
  ['/api/generate', { prompt: '', keep_alive: '5m' }],
]

interface InMemory {
  readonly name: string
  readonly context_length: number
  readonly expires_at: string
}

const inMemory = async ({ url }: FakeOllama): Promise<InMemory[]> =>
  ((await (await fetch(`${url}/api/ps`)).json()) as { models: InMemory[] }).models

/** Two clients at a time, of each dialect with each other. */
async function askAll(scene: Scene, model: string): Promise<void> {
  for (const [path, body] of asked)
    for (const [other, otherBody] of asked) {
      const answers = await Promise.all([scene.ask(path, { model, ...body }), scene.ask(other, { model, ...otherBody })])
      for (const answer of answers) expect([answer.status, await answer.text()]).toEqual([200, expect.stringMatching(/./)])
    }
}

describe('load options', () => {
  it.each([
    ['of the switch, by its slot', {}, { contextLength: 2048, keepAlive: '2h' }, 'default'],
    ['of the switch, by the name of the model', {}, { contextLength: 2048, keepAlive: '2h' }, 'ollama/a:latest'],
    ['of the model, by its slot', { 'ollama/a:latest': { load: { contextLength: 2048, keepAlive: '2h' } } }, undefined, 'default'],
    ['of the model, by its name', { 'ollama/a:latest': { load: { contextLength: 2048, keepAlive: '2h' } } }, undefined, 'ollama/a:latest'],
  ])(
    '%s',
    async (_, models, load, model) => {
      const { engine, scene } = await ground(models)
      const { outcome } = await scene.test.yard.slot('default').switch('ollama/a:latest', load ? { load } : {})
      expect(outcome).toBe('switched')
      const loads = [...engine.shelf.loads]
      const kept = Date.now() + 90 * 60_000
      await askAll(scene, model)
      expect(engine.shelf.loads).toEqual(loads)
      const [only, ...others] = await inMemory(engine)
      expect([only?.name, only?.context_length, others]).toEqual(['a:latest', 2048, []])
      expect(Date.parse(only?.expires_at ?? '')).toBeGreaterThan(kept)
      // What does not concern the load is the client's.
      expect(engine.ledger.filter(({ path }) => path === '/api/chat').map(({ body }) => body?.options)).toContainEqual(
        expect.objectContaining({ temperature: 0.5, num_ctx: 2048 }),
      )
    },
    60_000,
  )

  it('a slot without any holds what its engine chose', async () => {
    const { engine, scene } = await ground()
    await scene.test.yard.slot('default').switch('ollama/a:latest')
    const loads = [...engine.shelf.loads]
    await askAll(scene, 'ollama/a:latest')
    expect(engine.shelf.loads).toEqual(loads)
  }, 60_000)

  it('a model that nobody set up is its client’s', async () => {
    const { engine, scene } = await ground()
    await (await scene.ask('/api/chat', { model: 'ollama/a:latest', messages, options: { num_ctx: 512 } })).text()
    expect((await inMemory(engine)).map(({ context_length }) => context_length)).toEqual([512])
  })

  it('vectors too', async () => {
    const { engine, scene } = await ground({ 'ollama/e:latest': { load: { contextLength: 1024, keepAlive: '2h' } } })
    for (const [path, body] of [
      ['/v1/embeddings', { input: 'Hello' }],
      ['/api/embed', { input: ['Hello'], ...own }],
      ['/api/embeddings', { prompt: 'Hello', ...own }],
      ['/v1/embeddings', { input: ['Hello', 'you'] }],
    ] as const)
      expect((await scene.ask(path, { model: 'ollama/e:latest', ...body })).status, path).toBe(200)
    expect(engine.shelf.loads).toEqual(['e:latest'])
    expect((await inMemory(engine)).map(({ context_length }) => context_length)).toEqual([1024])
  })
})
