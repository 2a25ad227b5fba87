/** Each route in its own dialect, over engines that speak it and engines that do not. */
import { afterEach, describe, expect, it } from 'vitest'
import { fakeLlamaServer, fakeOllama, fakeOpenAi } from '../../src/testing/index.ts'
import { gatewayScene, llamaAt, ollamaAt, openaiAt, type Scene } from './scene.ts'

const held: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of held.splice(0).reverse()) await one[Symbol.asyncDispose]()
})
const keep = <T extends AsyncDisposable>(one: T): T => {
  held.push(one)
  return one
}

async function overOpenAi(): Promise<{ scene: Scene; engine: Awaited<ReturnType<typeof fakeOpenAi>> }> {
  const engine = keep(await fakeOpenAi({ models: [{ name: 'tiny-a' }, { name: 'embedder', kind: 'embedding' }] }))
  return { engine, scene: keep(await gatewayScene({ providers: openaiAt(engine.url), switchTo: 'other/tiny-a' })) }
}

async function overOllama(): Promise<{ scene: Scene; engine: Awaited<ReturnType<typeof fakeOllama>> }> {
  const engine = keep(await fakeOllama({ models: [{ name: 'tiny-a:latest' }, { name: 'tiny-b:latest' }] }))
  return { engine, scene: keep(await gatewayScene({ providers: ollamaAt(engine.url), switchTo: 'ollama/tiny-a:latest' })) }
}

const messages = [{ role: 'user', content: 'Hello' }]
const lastAsked = (engine: { ledger: readonly { path: string; body?: unknown }[] }, path: string) =>
  engine.ledger.filter((one) => one.path === path).at(-1)?.body as Record<string, unknown>

describe('OpenAI over an engine that speaks it', () => {
  it('streams its bytes as they are, and says who answered', async () => {
    const { scene, engine } = await overOpenAi()
    const answer = await scene.ask('/v1/chat/completions', { model: 'default', stream: true, messages, logprobs: true, my_own: { a: [1] } })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-modelyard-model')).toBe('other/tiny-a')
    expect(answer.headers.get('x-modelyard-epoch')).toBe('1')
    const text = await answer.text()
    expect(text).toMatch(/^data: \{/)
    expect(text).toMatch(/data: \[DONE\]\s*$/)
    // What was asked reached the engine as the client wrote it, but for the model.
    expect(lastAsked(engine, '/v1/chat/completions')).toEqual({
      model: 'tiny-a',
      stream: true,
      messages,
      logprobs: true,
      my_own: { a: [1] },
    })
  })

  it('answers at once where that was asked', async () => {
    const { scene } = await overOpenAi()
    const answer = await scene.ask('/v1/chat/completions', { model: '', messages })
    expect(await answer.json()).toMatchObject({ object: 'chat.completion', choices: [{ message: { role: 'assistant' } }] })
    expect(scene.test.yard.slots.get('default').leases).toBe(0)
  })
})

describe('OpenAI over Ollama', () => {
  it('is spoken to in its own dialect, with what holds the model as it is', async () => {
    const { scene, engine } = await overOllama()
    const answer = await scene.ask('/v1/chat/completions', { model: 'default', stream: true, messages, max_tokens: 4 })
    const text = await answer.text()
    expect(answer.headers.get('content-type')).toBe('text/event-stream')
    expect(text).toMatch(/data: \[DONE\]\s*$/)
    expect(lastAsked(engine, '/api/chat')).toMatchObject({ model: 'tiny-a:latest', truncate: false, options: { num_predict: 4 } })
  })
})

describe('Anthropic', () => {
  it.each([
    ['OpenAI', overOpenAi],
    ['Ollama', overOllama],
  ])('over %s: whole and streamed', async (_, over) => {
    const { scene } = await over()
    const whole = await scene.ask('/v1/messages?beta=true', { model: 'default', max_tokens: 5, messages })
    expect(await whole.json()).toMatchObject({ type: 'message', role: 'assistant', content: [{ type: 'text' }] })
    const streamed = await scene.ask('/v1/messages', { model: 'default', max_tokens: 5, stream: true, messages })
    expect(await streamed.text()).toMatch(/^event: message_start\n[\s\S]*event: message_stop\n/)
  })
})

describe('a route that an engine does not have after all', () => {
  it('is found out by its answer: the client is answered through the neutral form, now and from then on', async () => {
    const engine = keep(await fakeLlamaServer({ models: [{ name: 'tiny' }] }))
    const scene = keep(await gatewayScene({ providers: llamaAt(engine.url), switchTo: 'llamacpp/models/tiny.gguf' }))
    engine.faults.add({
      path: '/v1/messages',
      fault: { kind: 'status', status: 404, body: { error: { message: 'File Not Found', code: 404 } } },
    })
    for (const stream of [true, false]) {
      const answer = await scene.ask('/v1/messages', { model: 'default', max_tokens: 5, messages, stream })
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('tiny#0')])
    }
    expect(engine.ledger.filter(({ path }) => path === '/v1/messages')).toHaveLength(1)
    expect(scene.test.events.filter(({ type }) => type === 'request.retried')).toEqual([])
  })

  it.each(['/v1/completions'])('%s is refused in words where it cannot be said otherwise', async (path) => {
    const { scene } = await overOpenAi()
    const answer = await scene.ask(path, { model: 'default', input: 'Hello', prompt: 'Hello' })
    expect([answer.status, await answer.json()]).toEqual([
      422,
      { error: expect.objectContaining({ code: 'unsupported_operation', message: expect.stringContaining('/v1/chat/completions') }) },
    ])
  })
})

describe("Ollama's own", () => {
  it('over Ollama is handed on, and the options of the slot outrank those of the client', async () => {
    const { scene, engine } = await overOllama()
    const body = { model: 'default', messages, options: { num_ctx: 99, temperature: 0.5 }, keep_alive: 0 }
    const answer = await scene.ask('/api/chat', body)
    expect(answer.headers.get('content-type')).toContain('application/x-ndjson')
    expect((await answer.text()).trim().split('\n').at(-1)).toContain('"done":true')
    expect(lastAsked(engine, '/api/chat')).toMatchObject({
      model: 'tiny-a:latest',
      options: { temperature: 0.5 },
      keep_alive: null,
      truncate: false,
    })
  })

  it.each(['/api/chat', '/api/generate'])('%s over another engine', async (path) => {
    const { scene } = await overOpenAi()
    const asked = path === '/api/chat' ? { messages } : { prompt: 'Hello' }
    const answer = await scene.ask(path, { model: 'default', ...asked })
    const lines = (await answer.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { done: boolean })
    expect(lines.at(-1)).toMatchObject({ done: true, done_reason: expect.any(String) })
    expect(await (await scene.ask(path, { model: 'default', stream: false, ...asked })).json()).toMatchObject({ done: true })
  })

  it('lists, shows and refuses in its words', async () => {
    const { scene } = await overOpenAi()
    expect(await (await scene.ask('/api/tags')).json()).toMatchObject({
      models: [{ name: 'default' }, { name: 'other/tiny-a' }, { name: 'other/embedder' }],
    })
    expect(await (await scene.ask('/api/show', { model: 'default' })).json()).toMatchObject({ capabilities: expect.any(Array) })
    expect(await (await scene.ask('/api/version')).json()).toEqual({ version: '0.32.15' })
    const refused = await scene.ask('/api/pull', { model: 'x' })
    expect(refused.status).toBe(422)
    expect(await refused.json()).toMatchObject({ error: expect.stringContaining('modelyard pull') })
  })
})

describe('lists', () => {
  it('have slots first, in the shape that was asked for', async () => {
    const { scene } = await overOpenAi()
    const ids = (list: { data: { id: string }[] }) => list.data.map(({ id }) => id)
    expect(ids((await (await scene.ask('/v1/models')).json()) as { data: { id: string }[] })).toEqual([
      'default',
      'other/tiny-a',
      'other/embedder',
    ])
    const anthropic = await (await scene.ask('/v1/models', undefined, { headers: { 'anthropic-version': '2023-06-01' } })).json()
    expect(anthropic).toMatchObject({ has_more: false, data: [{ type: 'model', id: 'default' }, {}, {}] })
    expect(await (await scene.ask('/v1/models/other%2Ftiny-a')).json()).toMatchObject({ id: 'other/tiny-a', object: 'model' })
  })
})

describe('who answers', () => {
  it('is the model itself when its ref is written, and no slot moves', async () => {
    const { scene } = await overOllama()
    const answer = await scene.ask('/v1/chat/completions', { model: 'ollama/tiny-b:latest', messages })
    expect(answer.headers.get('x-modelyard-model')).toBe('ollama/tiny-b:latest')
    expect(answer.headers.get('x-modelyard-epoch')).toBeNull()
    expect(scene.test.yard.slots.get('default')).toMatchObject({ model: 'tiny-a:latest', epoch: 1 })
  })

  it.each([
    ['/v1/chat/completions', { error: { code: 'model_not_found', message: expect.stringContaining('ollama/tiny-') } }],
    ['/v1/messages', { type: 'error', error: { type: 'not_found_error' } }],
    ['/api/chat', { error: expect.stringContaining('tiny-x') }],
  ])('%s: an unknown model is the 404 of the dialect, with near names', async (path, expected) => {
    const { scene } = await overOllama()
    const answer = await scene.ask(path, { model: 'tiny-x', max_tokens: 5, messages })
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject(expected)
  })
})
