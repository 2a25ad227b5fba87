import { describe, expect, it } from 'vitest'
import { createLlamaCpp, type LlamaCppOptions } from '../../../src/providers/llamacpp/index.ts'
import type { Provider } from '../../../src/providers/provider.ts'
import {
  type Answerer,
  chatParts,
  notAborted,
  providerConfig,
  recording,
  recordings,
  replay,
  type ScriptedEngine,
  scriptedEngine,
  sendJson,
} from '../openai-chat/scripted-engine.ts'

const folder = 'llama-server/0c1e570'
const all = (): { path: string; line: string }[] =>
  recordings(folder).map((name) => {
    const { method, path } = recording(`${folder}/${name}`).request
    return { path: `${folder}/${name}`, line: `${method} ${path}` }
  })

/** llama-server as recorded: each address answers what it answered; a chat streams unless the test says otherwise. */
function recorded(chat = '12-v1-chat-stream.json'): Answerer {
  const files = new Map(all().map(({ line, path }) => [line, path]))
  files.set('POST /v1/chat/completions', `${folder}/${chat}`)
  return ({ method, path }, response) => replay(response, files.get(`${method} ${path}`) ?? `${folder}/22-not-found.json`)
}

async function withServer(
  answer: Answerer,
  run: (provider: Provider, engine: ScriptedEngine) => Promise<void>,
  options: LlamaCppOptions & { apiKey?: string } = {},
) {
  await using engine = await scriptedEngine(answer)
  const { apiKey, ...rest } = options
  const provider = createLlamaCpp(providerConfig({ kind: 'llamacpp', baseUrl: engine.url, apiKey }), rest)
  try {
    await run(provider, engine)
  } finally {
    await provider.close()
  }
}

const context = () => ({ signal: notAborted() })

describe('a llama-server with one model', () => {
  it('is found by its signature', async () => {
    await withServer(recorded(), async (provider) => {
      expect(await provider.probe(notAborted())).toMatchObject({
        state: 'ready',
        version: 'b1-0c1e570',
        capabilities: { load: 'none', unload: 'none', namesAnsweringModel: true },
      })
    })
  })

  it('lists its model with what it says of it', async () => {
    await withServer(recorded(), async (provider) => {
      expect(await provider.list(notAborted())).toEqual([
        expect.objectContaining({
          name: 'models/tiny-a.gguf',
          kind: 'chat',
          quantization: 'F32',
          parameters: '123K',
          sizeBytes: 492800,
          contextLength: 512,
          format: 'gguf',
        }),
      ])
      expect(await provider.loaded(notAborted())).toMatchObject([
        { name: 'models/tiny-a.gguf', contextLength: 256, loadedBy: 'other', state: 'ready' },
      ])
      expect((await provider.show('models/tiny-a.gguf', notAborted())).template).toContain('assistant:')
    })
  })

  it('has its model loaded, with the context it has', async () => {
    await withServer(recorded(), async (provider) => {
      expect(await provider.load('models/tiny-a.gguf', { contextLength: 256 }, context())).toMatchObject({ contextLength: 256 })
      await expect(provider.load('models/tiny-a.gguf', { contextLength: 4096 }, context())).rejects.toMatchObject({
        code: 'unsupported_operation',
        message: expect.stringContaining('256'),
      })
      await expect(provider.load('nope', {}, context())).rejects.toMatchObject({ code: 'model_not_found' })
      await expect(provider.unload({ name: 'models/tiny-a.gguf' }, notAborted())).rejects.toMatchObject({ code: 'unsupported_operation' })
    })
  })

  it('says which model answered, whatever was asked for, and survives that it closes after each stream', async () => {
    await withServer(recorded(), async (provider) => {
      for (let turn = 0; turn < 5; turn++) {
        const parts = await chatParts(provider, 'whatever')
        expect(parts[0]).toEqual({ type: 'start', model: 'models/tiny-a.gguf' })
        expect(parts.at(-1)).toMatchObject({ type: 'end', finishReason: 'length', usage: { completionTokens: 10 } })
      }
    })
  })

  it.each([
    ['11-v1-chat-any-name.json', undefined],
    ['13-v1-chat-no-messages.json', 'provider_error'],
    ['14-v1-chat-malformed.json', 'provider_error'],
    ['15-v1-chat-over-context.json', 'context_length_exceeded'],
  ])('a chat answered as in %s: %s', async (name, code) => {
    await withServer(recorded(name), async (provider) => {
      const answer = chatParts(provider, 'models/tiny-a.gguf').then(
        (parts) => parts.at(-1)?.type,
        (error: { code: string }) => error.code,
      )
      expect(await answer).toBe(code ?? 'end')
    })
  })

  it('is starting while it loads', async () => {
    const loading = { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } }
    await withServer(
      (_, response) => sendJson(response, 503, loading, { server: 'llama.cpp' }),
      async (provider) => {
        expect(await provider.probe(notAborted())).toMatchObject({ state: 'starting', hint: expect.stringContaining('loading') })
        await expect(provider.list(notAborted())).rejects.toMatchObject({ code: 'provider_busy' })
      },
    )
  })

  it('has nothing in memory while it sleeps', async () => {
    const props = recording(`${folder}/05-props.json`).response.json as object
    const asleep: Answerer = (asked, response) =>
      asked.path === '/props' ? sendJson(response, 200, { ...props, is_sleeping: true }) : recorded()(asked, response)
    await withServer(asleep, async (provider) => expect(await provider.loaded(notAborted())).toEqual([]))
  })

  it('shows no folder of an absolute path, and asks for the model by its whole id', async () => {
    const id = '/home/someone/models/tiny-a.gguf'
    const answer: Answerer = (asked, response) => {
      if (asked.path === '/v1/models')
        return sendJson(response, 200, { object: 'list', data: [{ id, object: 'model', owned_by: 'llamacpp', meta: { n_ctx: 256 } }] })
      if (asked.method === 'POST') {
        const chunk = { model: id, choices: [{ delta: { content: asked.body.model }, finish_reason: 'stop' }] }
        return response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`)
      }
      return recorded()(asked, response)
    }
    await withServer(answer, async (provider) => {
      expect((await provider.list(notAborted())).map((model) => model.name)).toEqual(['tiny-a.gguf'])
      expect(await chatParts(provider, 'tiny-a.gguf')).toMatchObject([
        { type: 'start', model: 'tiny-a.gguf' },
        { text: id },
        { type: 'end', model: 'tiny-a.gguf' },
      ])
    })
  })

  it('tells embedding models by their name', async () => {
    const data = ['nomic-embed-text-v1.5', 'bge-reranker-v2-m3', 'Qwen3-8B-Q4_K_M'].map((id) => ({ id, meta: {} }))
    await withServer(
      (asked, response) => (asked.path === '/v1/models' ? sendJson(response, 200, { data }) : recorded()(asked, response)),
      async (provider) => {
        expect((await provider.list(notAborted())).map((model) => model.kind)).toEqual(['embedding', 'reranker', 'chat'])
      },
    )
  })
})

describe('what is not, or is elsewhere', () => {
  const page: Answerer = (_, response) =>
    void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Jenkins</title>')

  it.each<[string, Answerer]>([
    ['a web page', page],
    ['a redirect', (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()],
    ['JSON of another shape', (_, response) => sendJson(response, 200, { hello: 1 })],
    ['cut JSON', (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"o')],
  ])('%s on its port is an impostor', async (_, answer) => {
    await withServer(answer, async (provider) => expect((await provider.probe(notAborted())).state).toBe('impostor'))
  })

  it('names llama-swap when that answers, and sends it no key', async () => {
    const answer: Answerer = (asked, response) =>
      asked.path === '/v1/models'
        ? replay(response, 'llama-swap/v250/05-v1-models.json')
        : replay(response, 'llama-swap/v250/07-props.json')
    await withServer(
      answer,
      async (provider, engine) => {
        expect(await provider.probe(notAborted())).toMatchObject({ state: 'impostor', hint: expect.stringContaining('llama-swap') })
        expect(engine.asked.every(({ headers }) => headers.authorization === undefined)).toBe(true)
      },
      { apiKey: 'secret-key' },
    )
  })

  it('is unauthorized when the key is refused', async () => {
    const answer: Answerer = (asked, response) =>
      asked.path === '/props' ? sendJson(response, 401, { error: { message: 'Invalid API Key' } }) : recorded()(asked, response)
    await withServer(answer, async (provider) => expect((await provider.probe(notAborted())).state).toBe('unauthorized'))
  })

  it('is found at the other default port, and stays there', async () => {
    const gone = await scriptedEngine(() => undefined)
    await gone[Symbol.asyncDispose]()
    await using engine = await scriptedEngine(recorded())
    const provider = createLlamaCpp(providerConfig({ kind: 'llamacpp', baseUrl: gone.url }), { otherAddresses: [engine.url] })
    expect(await provider.probe(notAborted())).toMatchObject({ state: 'ready' })
    expect(provider.baseUrl).toBe(engine.url)
    expect(await provider.list(notAborted())).toHaveLength(1)
    await provider.close()
  })

  it('is unreachable, or stopped where its command is configured', async () => {
    const gone = await scriptedEngine(() => undefined)
    await gone[Symbol.asyncDispose]()
    const at = { kind: 'llamacpp' as const, baseUrl: gone.url }
    expect(await createLlamaCpp(providerConfig(at)).probe(notAborted())).toMatchObject({
      state: 'unreachable',
      hint: expect.stringContaining('llama-server'),
    })
    const known = createLlamaCpp(providerConfig({ ...at, command: '/usr/bin/llama-server', modelsDir: '/srv/models' }))
    expect(await known.probe(notAborted())).toMatchObject({
      state: 'stopped',
      capabilities: { start: true },
      hint: expect.stringContaining('providers start llamacpp'),
    })
    const bare = createLlamaCpp(providerConfig({ ...at, command: '/usr/bin/llama-server' }))
    expect(await bare.probe(notAborted())).toMatchObject({ state: 'stopped', capabilities: { start: false } })
    await expect(bare.start?.(notAborted())).rejects.toMatchObject({ code: 'unsupported_operation' })
  })

  it('throws for nothing but the signal', async () => {
    await withServer(
      () => undefined,
      async (provider) => {
        const abort = new AbortController()
        const probing = provider.probe(abort.signal)
        abort.abort()
        await expect(probing).rejects.toMatchObject({ code: 'cancelled' })
      },
    )
  })
})
