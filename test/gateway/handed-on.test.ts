/** What engines say instead of an answer that could be handed on, and what is never handed on to them as it came. */
import { afterEach, describe, expect, it } from 'vitest'
import { fakeLlamaServer, fakeLmStudio, fakeOllama, fakeOpenAi } from '../../src/testing/index.ts'
import { piecesOf } from './answering.ts'
import { faultyRelay } from './faulty-relay.ts'
import { gatewayScene, ollamaAt, openaiAt, type Scene } from './scene.ts'

const held: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of held.splice(0).reverse()) await one[Symbol.asyncDispose]()
})
const keep = <T extends AsyncDisposable>(one: T): T => {
  held.push(one)
  return one
}

const messages = [{ role: 'user', content: 'Hello' }]
const models = [{ name: 'tiny' }, { name: 'other' }]

async function overOpenAi() {
  const engine = keep(await fakeOpenAi({ models }))
  return { engine, scene: keep(await gatewayScene({ providers: openaiAt(engine.url), switchTo: 'other/tiny' })) }
}
async function overOllama() {
  const engine = keep(await fakeOllama({ models }))
  return { engine, scene: keep(await gatewayScene({ providers: ollamaAt(engine.url), switchTo: 'ollama/tiny' })) }
}
async function overLmStudio() {
  const engine = keep(await fakeLmStudio({ models }))
  const providers = { lmstudio: { enabled: true, baseUrl: engine.url } }
  return { engine, scene: keep(await gatewayScene({ providers, switchTo: 'lmstudio/tiny' })) }
}
const errorOf = async (answer: Response) => {
  const { error } = (await answer.json()) as { error: Record<string, unknown> }
  return [answer.status, error.code, answer.headers.get('x-should-retry')]
}

describe('an error of an engine', () => {
  it.each([400, 422])('%i is about the request, and is not sent again', async (status) => {
    const { engine, scene } = await overOpenAi()
    const fault = { kind: 'status', status, body: { error: { message: 'logit_bias must be an object' } } } as const
    engine.faults.add({ path: '/v1/chat/completions', fault })
    const before = engine.ledger.length
    const answer = await scene.ask('/v1/chat/completions', { model: 'default', messages, logit_bias: 'x' })
    expect(await errorOf(answer)).toEqual([400, 'invalid_request', 'false'])
    expect(engine.ledger.length - before).toBe(1)
  })

  it('500 is its own', async () => {
    const { engine, scene } = await overOpenAi()
    engine.faults.add({ path: '/v1/chat/completions', fault: { kind: 'status', status: 500 } })
    const answer = await scene.ask('/v1/chat/completions', { model: 'default', messages })
    expect(await errorOf(answer)).toEqual([502, 'provider_error', 'true'])
  })

  it.each([false, true])('under 200 is no answer (stream: %s)', async (stream) => {
    const { engine, scene } = await overLmStudio()
    engine.faults.add({ path: '/v1/chat/completions', fault: { kind: 'status', status: 200, body: { error: 'Something broke' } } })
    const answer = await scene.ask('/v1/chat/completions', { model: 'default', messages, stream })
    expect(await answer.json()).toMatchObject({ error: { code: 'provider_error', message: expect.stringContaining('Something broke') } })
    expect(answer.status).toBe(502)
  })

  it.each([
    ['an address that LM Studio does not have', overLmStudio, '/v1/messages'],
    ['one that Ollama no longer has', overOllama, '/api/embeddings'],
  ] as const)('about %s has the request translated, from then on at once', async (_, over, path) => {
    const { engine, scene } = await over()
    for (const times of [1, 1]) {
      const answer = await scene.ask(path, { model: 'default', max_tokens: 3, messages, prompt: '' })
      expect(answer.status).toBe(200)
      expect(await answer.json()).toMatchObject(path === '/v1/messages' ? { type: 'message' } : { embedding: [] })
      expect(engine.ledger.filter((one) => one.path === path)).toHaveLength(times)
    }
  })

  it('about an address that nobody has in other words says so', async () => {
    const engine = keep(await fakeLlamaServer({ models, router: true }))
    const providers = { llamacpp: { enabled: true, baseUrl: engine.url } }
    const scene = keep(await gatewayScene({ providers, switchTo: 'llamacpp/tiny' }))
    for (const path of ['/v1/responses', '/v1/completions']) {
      const answer = await scene.ask(path, { model: 'default', input: 'Hello', prompt: 'Hello' })
      expect(await errorOf(answer)).toEqual([422, 'unsupported_operation', 'false'])
    }
    expect(scene.test.events.filter(({ type }) => type === 'request.retried')).toEqual([])
  })
})

describe('whether to try again', () => {
  it.each([
    ['/v1/chat/completions', 'false'],
    ['/v1/messages', 'false'],
    ['/api/chat', null],
  ])('%s is told in the header that its clients look for', async (path, told) => {
    const engine = keep(await fakeOpenAi({ models }))
    const scene = keep(await gatewayScene({ providers: openaiAt(engine.url) }))
    const empty = await scene.ask(path, { model: 'default', max_tokens: 3, messages })
    expect([empty.status, empty.headers.get('x-should-retry')]).toEqual([503, told])
    expect((await scene.ask(path, { model: 'no-such', max_tokens: 3, messages })).headers.get('x-should-retry')).toBe(told)
    engine.faults.add({ method: 'POST', fault: { kind: 'status', status: 503 } })
    const busy = await scene.ask(path, { model: 'other/tiny', max_tokens: 3, messages })
    expect([busy.status, busy.headers.get('x-should-retry')]).toEqual([503, told && 'true'])
  })
})

describe('/v1/responses', () => {
  const asked = { model: 'default', input: 'Hello', stream: true }
  const read = async (scene: Scene, more: object = {}) => (await scene.ask('/v1/responses', { ...asked, ...more })).text()

  it('ends with its last event, however long that is', async () => {
    const { scene } = await overOllama()
    const text = await read(scene, { max_output_tokens: 3000 })
    expect(text).toMatch(/\nevent: response\.completed\ndata: .*\n\n$/)
    expect(text.slice(text.lastIndexOf('event:')).length).toBeGreaterThan(8000)
  })

  it('that ends before it is cut off', async () => {
    const { engine, scene } = await overOllama()
    engine.faults.add({ path: '/v1/responses', fault: { kind: 'cut', after: 2 } })
    expect(await read(scene)).toMatch(/"delta":"tiny#1 ".*\n\ndata: \{"error":\{[^\n]*\n\n$/)
  })

  it('that is cut inside it is cut off', async () => {
    const engine = keep(await fakeOllama({ models }))
    const relay = keep(await faultyRelay(engine.url, '/v1/responses'))
    const scene = keep(await gatewayScene({ providers: ollamaAt(relay.url), switchTo: 'ollama/tiny' }))
    const whole = Buffer.byteLength(await read(scene))
    relay.plan = { at: whole - 3, how: 'end' }
    expect(await read(scene)).toMatch(/"type":"response\.completed".*\n\ndata: \{"error":\{[^\n]*\n\n$/)
  })
})

describe('a model that serves a slot', () => {
  it('stays as it is loaded, whatever a client says that asks for it by its ref', async () => {
    const { engine, scene } = await overOllama()
    const loads = engine.shelf.loads.length
    const body = { model: 'ollama/tiny', messages, stream: false, keep_alive: 0, options: { num_ctx: 64, num_predict: 3, temperature: 1 } }
    expect((await scene.ask('/api/chat', body)).status).toBe(200)
    expect((await scene.ask('/api/generate', { model: 'ollama/tiny', keep_alive: '1ns' })).status).toBe(200)
    const [chat, generate] = engine.ledger.slice(-2).map((one) => one.body)
    expect(chat).toMatchObject({ keep_alive: null, options: { num_predict: 3, temperature: 1 } })
    expect([chat?.options, generate?.keep_alive]).toEqual([expect.not.objectContaining({ num_ctx: 64 }), null])
    expect([engine.shelf.loads.length, engine.shelf.loaded.has('tiny')]).toEqual([loads, true])
  })

  it('another is loaded and kept as its client says', async () => {
    const { engine, scene } = await overOllama()
    const answer = await scene.ask('/api/chat', { model: 'ollama/other', messages, keep_alive: 7, options: { num_ctx: 64 } })
    expect(piecesOf(await answer.text()).at(-1)).toMatchObject({ done: true })
    expect(engine.ledger.at(-1)?.body).toMatchObject({ keep_alive: 7, options: { num_ctx: 64 } })
  })

  it('is what `:latest` behind the name of its slot means, and behind a name of any engine', async () => {
    const { scene } = await overOpenAi()
    for (const [model, epoch] of [
      ['default:latest', '1'],
      ['other/tiny:latest', null],
      ['tiny:latest', null],
    ] as const) {
      const answer = await scene.ask('/v1/chat/completions', { model, messages })
      expect([model, answer.status, answer.headers.get('x-modelyard-epoch')]).toEqual([model, 200, epoch])
    }
  })
})
