/** What fails before the first byte is tried once more, and said in an event; what fails after it never is. */
import { afterEach, describe, expect, it } from 'vitest'
import type { ConfigFile } from '../../src/contract/index.ts'
import {
  type FakeServer,
  type FakeShelf,
  type Fault,
  fakeLlamaServer,
  fakeLmStudio,
  fakeOllama,
  fakeOpenAi,
} from '../../src/testing/index.ts'
import { goodBody } from './bad-bodies.ts'
import { gatewayScene, llamaAt, ollamaAt, openaiAt, type Scene } from './scene.ts'

const held: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of held.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

type Engine = FakeServer & { readonly shelf: FakeShelf }

interface Ground {
  readonly engine: Engine
  readonly scene: Scene
}

async function ground(engine: Engine, providers: ConfigFile['providers'], model: string): Promise<Ground> {
  held.push(engine)
  const scene = await gatewayScene({ providers, switchTo: model })
  held.push(scene)
  return { engine, scene }
}

const over: Readonly<Record<string, (port?: number) => Promise<Ground>>> = {
  'an engine of OpenAI’s dialect': async () => {
    const engine = await fakeOpenAi({ models: [{ name: 'tiny' }] })
    return ground(engine, openaiAt(engine.url), 'other/tiny')
  },
  Ollama: async () => {
    const engine = await fakeOllama({ models: [{ name: 'tiny:latest' }] })
    return ground(engine, ollamaAt(engine.url), 'ollama/tiny:latest')
  },
  'llama-server': async () => {
    const engine = await fakeLlamaServer({ models: [{ name: 'tiny' }] })
    return ground(engine, llamaAt(engine.url), 'llamacpp/models/tiny.gguf')
  },
}

const paths = ['/v1/chat/completions', '/v1/messages', '/api/chat'] as const
const ways = Object.keys(over).flatMap((name) => paths.map((path) => [name, path] as const))

const isChat = ({ method, path }: { method: string; path: string }): boolean =>
  method === 'POST' && /^\/(?:v1\/(?:chat\/completions|messages)|api\/chat)$/.test(path)
/** Chats that reached the engine; without those that it did not begin. */
const chats = ({ ledger }: FakeServer): number => ledger.filter(isChat).length
const ask = (scene: Scene, path: string, more: object = {}): Promise<Response> =>
  scene.ask(path, { ...goodBody(path, 'default'), stream: true, ...more })
const retries = ({ test }: Scene): string[] => test.events.flatMap((event) => (event.type === 'request.retried' ? [event.reason] : []))

async function answered(answer: Response): Promise<string> {
  const text = await answer.text()
  expect([answer.status, text]).toEqual([200, expect.stringMatching(/#0 [\s\S]*(?:\[DONE\]|message_stop|"done":true)/)])
  return text
}

describe.each(ways)('%s, %s', (name, path) => {
  it('a kept connection that is dead: one more, on a new one', async () => {
    const { engine, scene } = await (over[name] as () => Promise<Ground>)()
    await answered(await ask(scene, path))
    // The next request goes over the connection that was kept, where the engine kept it, and dies there unheard.
    const before = chats(engine)
    engine.faults.add({ path: '/v1/*', fault: { kind: 'reset' }, times: 1 })
    engine.faults.add({ path: '/api/chat', fault: { kind: 'reset' }, times: 1 })
    await answered(await ask(scene, path))
    expect(chats(engine) - before).toBe(2)
    expect(retries(scene)).toEqual([expect.any(String)])
    expect(scene.test.yard.slots.get('default').leases).toBe(0)
  })

  it('an engine that dies every time is asked twice, and no more', async () => {
    const { engine, scene } = await (over[name] as () => Promise<Ground>)()
    await answered(await ask(scene, path))
    const before = chats(engine)
    engine.faults.add({ method: 'POST', path: '/v1/*', fault: { kind: 'reset' } })
    engine.faults.add({ path: '/api/chat', fault: { kind: 'reset' } })
    const answer = await ask(scene, path)
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([503, expect.any(String), expect.anything()])
    expect(chats(engine) - before).toBe(2)
    expect(retries(scene)).toHaveLength(1)
    expect(scene.test.yard.slots.get('default').leases).toBe(0)
  })

  it.each<Fault>([
    { kind: 'cut', after: 1 },
    { kind: 'error-inside', message: 'the GPU is gone', after: 1 },
  ])('after the first byte: %j is told, never tried again', async (fault) => {
    const { engine, scene } = await (over[name] as () => Promise<Ground>)()
    const before = chats(engine)
    engine.faults.add({ fault, path: '/v1/*', method: 'POST', times: 1 })
    engine.faults.add({ fault, path: '/api/chat', times: 1 })
    const answer = await ask(scene, path)
    const text = await answer.text()
    expect(answer.status).toBe(200)
    expect(text).toMatch(/"error"/)
    expect(text).not.toMatch(/\[DONE\]|message_stop|"done": ?true/)
    expect([chats(engine) - before, retries(scene)]).toEqual([1, []])
    expect(scene.test.yard.slots.get('default').leases).toBe(0)
  })
})

describe('an engine that was started again', () => {
  it.each(paths)('%s: is asked over a new connection, and loads what it lost', async (path) => {
    const { engine, scene } = await (over.Ollama as () => Promise<Ground>)()
    await answered(await ask(scene, path))
    await engine.close()
    const fresh = await fakeOllama({ models: [{ name: 'tiny:latest' }], port: engine.port })
    held.push(fresh)
    await answered(await ask(scene, path))
    expect([chats(fresh), fresh.shelf.loads]).toEqual([1, ['tiny:latest']])
  })

  it.each(paths)('%s: while it is down the answer says so; when it is back it answers', async (path) => {
    const { engine, scene } = await (over['llama-server'] as () => Promise<Ground>)()
    await engine.close()
    const down = await ask(scene, path)
    expect([down.status, down.headers.get('retry-after'), await down.json()]).toEqual([503, expect.any(String), expect.anything()])
    const fresh = await fakeLlamaServer({ models: [{ name: 'tiny' }], port: engine.port })
    held.push(fresh)
    await answered(await ask(scene, path))
    expect(chats(fresh)).toBe(1)
    expect(scene.test.yard.slots.get('default').leases).toBe(0)
  })
})

describe('a model that somebody else put out of memory', () => {
  it.each(paths)('%s: llama.cpp’s router that loads nothing by itself: once more after loading', async (path) => {
    const engine = await fakeLlamaServer({ router: true, autoload: false, models: [{ name: 'a' }, { name: 'b' }] })
    const { scene } = await ground(engine, llamaAt(engine.url), 'llamacpp/a')
    await answered(await ask(scene, path))
    engine.shelf.unload('a')
    const [before, loads] = [chats(engine), engine.shelf.loads.length]
    const answer = await ask(scene, path)
    expect(answer.headers.get('x-modelyard-model')).toBe('llamacpp/a')
    await answered(answer)
    expect([chats(engine) - before, engine.shelf.loads.slice(loads)]).toEqual([2, ['a']])
    expect(retries(scene)).toEqual([expect.stringContaining('loaded again')])
  })

  it.each(paths)('%s: LM Studio that loads nothing by itself: once more after loading', async (path) => {
    const engine = await fakeLmStudio({ justInTime: false, models: [{ name: 'a' }, { name: 'b' }] })
    const { scene } = await ground(engine, { lmstudio: { enabled: true, baseUrl: engine.url } }, 'lmstudio/a')
    await answered(await ask(scene, path))
    engine.instances.clear()
    engine.shelf.unload('a')
    const loads = engine.shelf.loads.length
    await answered(await ask(scene, path))
    expect(engine.shelf.loads.slice(loads)).toEqual(['a'])
    expect(retries(scene)).toEqual([expect.stringContaining('loaded again')])
  })

  it('one that cannot be loaded any more is told in the dialect', async () => {
    const engine = await fakeLlamaServer({ router: true, autoload: false, models: [{ name: 'a' }] })
    const { scene } = await ground(engine, llamaAt(engine.url), 'llamacpp/a')
    engine.shelf.unload('a')
    engine.faults.add({ path: '/models/load', fault: { kind: 'status', status: 500 } })
    const answer = await ask(scene, '/v1/messages')
    expect([answer.status, await answer.json()]).toEqual([
      404,
      { type: 'error', error: expect.objectContaining({ message: expect.stringContaining('model is not loaded') }) },
    ])
    expect([retries(scene), scene.test.yard.slots.get('default').leases]).toEqual([[], 0])
  })
})
