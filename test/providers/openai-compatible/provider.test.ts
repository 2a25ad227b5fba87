import { describe, expect, it } from 'vitest'
import { createOpenAiCompatible } from '../../../src/providers/openai-compatible/index.ts'
import type { Provider } from '../../../src/providers/provider.ts'
import {
  type Answerer,
  chatParts,
  notAborted,
  providerConfig,
  recordings,
  replay,
  type ScriptedEngine,
  scriptedEngine,
  sendEvents,
  sendJson,
  textOf,
} from '../openai-chat/scripted-engine.ts'

async function withServer(
  answer: Answerer,
  run: (provider: Provider, engine: ScriptedEngine) => Promise<void>,
  over: { apiKey?: string; path?: string } = {},
) {
  await using engine = await scriptedEngine(answer)
  const provider = createOpenAiCompatible(
    providerConfig({ kind: 'openai-compatible', baseUrl: `${engine.url}${over.path ?? '/v1'}`, apiKey: over.apiKey }),
  )
  try {
    await run(provider, engine)
  } finally {
    await provider.close()
  }
}

const context = () => ({ signal: notAborted() })
const models =
  (...entries: object[]): Answerer =>
  (_, response) =>
    sendJson(response, 200, { object: 'list', data: entries })

describe('a server with the OpenAI API', () => {
  it('lists its models by id, with their kind by name', async () => {
    await withServer(models({ id: 'gpt-oss' }, { id: 'text-embedding-3-small' }, { id: 'gpt-oss' }, { id: 7 }), async (provider) => {
      expect(await provider.probe(notAborted())).toMatchObject({
        state: 'ready',
        capabilities: { load: 'lazy', unload: 'none', loadedState: false },
      })
      expect((await provider.list(notAborted())).map(({ name, kind }) => [name, kind])).toEqual([
        ['gpt-oss', 'chat'],
        ['text-embedding-3-small', 'embedding'],
      ])
      expect(await provider.loaded(notAborted())).toEqual([])
    })
  })

  it('has no models when its list is null', async () => {
    await withServer(
      (_, response) => sendJson(response, 200, { object: 'list', data: null }),
      async (provider) => {
        expect((await provider.probe(notAborted())).state).toBe('ready')
        expect(await provider.list(notAborted())).toEqual([])
      },
    )
  })

  it('leaves out names that nobody could type, and keeps the rest', async () => {
    await withServer(
      models({ id: '\u001b[2Jx' }, { id: 'a'.repeat(1024 * 1024) }, { id: '../../etc/passwd' }, { id: 'good' }),
      async (provider) => {
        expect((await provider.list(notAborted())).map(({ name }) => name)).toEqual(['good'])
      },
    )
  })

  it('is the same with and without /v1 in its address', async () => {
    for (const path of ['', '/', '/v1', '/v1/']) {
      await withServer(
        models({ id: 'a' }),
        async (provider, engine) => {
          await provider.list(notAborted())
          expect(engine.lines()).toEqual(['GET /v1/models'])
          expect(provider.dialects()).toMatchObject([{ dialect: 'openai', baseUrl: engine.url }])
        },
        { path },
      )
    }
  })

  it('shows its key only when asked for one', async () => {
    const guarded: Answerer = (asked, response) =>
      asked.headers.authorization === 'Bearer abc'
        ? models({ id: 'a' })(asked, response)
        : sendJson(response, 401, { error: { message: 'key?' } })
    await withServer(
      guarded,
      async (provider, engine) => {
        expect((await provider.probe(notAborted())).state).toBe('ready')
        expect(engine.asked.map(({ headers }) => headers.authorization)).toEqual([undefined, 'Bearer abc'])
      },
      { apiKey: 'abc' },
    )
    await withServer(guarded, async (provider) => expect((await provider.probe(notAborted())).state).toBe('unauthorized'))
    await withServer(
      models({ id: 'a' }),
      async (provider, engine) => {
        await provider.probe(notAborted())
        expect(engine.asked.map(({ headers }) => headers.authorization)).toEqual([undefined])
      },
      { apiKey: 'abc' },
    )
  })

  it('loads by being asked: a load only checks that there is such a model and no option it cannot have', async () => {
    await withServer(models({ id: 'a' }), async (provider) => {
      expect(await provider.load('a', {}, context())).toMatchObject({ name: 'a', loadedBy: 'us' })
      await expect(provider.load('b', {}, context())).rejects.toMatchObject({ code: 'model_not_found' })
      await expect(provider.load('a', { contextLength: 8192 }, context())).rejects.toMatchObject({ code: 'unsupported_operation' })
      await expect(provider.load('a', { gpuLayers: 1 }, context())).rejects.toMatchObject({ code: 'unsupported_operation' })
      await expect(provider.unload({ name: 'a' }, notAborted())).rejects.toMatchObject({ code: 'unsupported_operation' })
    })
  })

  it('that is vLLM has its model in memory', async () => {
    await withServer(models({ id: '/srv/Qwen3-8B', owned_by: 'vllm', max_model_len: 8192 }), async (provider) => {
      expect(await provider.probe(notAborted())).toMatchObject({
        state: 'ready',
        capabilities: { load: 'none', loadedState: true, namesAnsweringModel: true },
      })
      expect(await provider.loaded(notAborted())).toMatchObject([{ name: 'Qwen3-8B', contextLength: 8192 }])
      expect(await provider.load('Qwen3-8B', { contextLength: 8192 }, context())).toMatchObject({ loadedBy: 'other' })
    })
  })

  it.each<[string, Answerer, string]>([
    ['a web page', (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>'), 'impostor'],
    ['a list of something else', (_, response) => sendJson(response, 200, { data: 'x' }), 'impostor'],
    ['an error inside 200', (_, response) => sendJson(response, 200, { error: 'Unexpected endpoint or method.' }), 'impostor'],
    ['cut JSON', (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[{"id":'), 'impostor'],
    ['404', (_, response) => void response.writeHead(404).end('no'), 'impostor'],
    ['a redirect', (_, response) => void response.writeHead(307, { location: '/elsewhere' }).end(), 'impostor'],
    ['503', (_, response) => sendJson(response, 503, { error: { message: 'loading' } }), 'starting'],
  ])('%s instead of a list is %s', async (_, answer, state) => {
    await withServer(answer, async (provider) => expect((await provider.probe(notAborted())).state).toBe(state))
  })

  it('is given up when its list has no end', async () => {
    const endless: Answerer = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(1024 * 1024)));
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    }
    await withServer(endless, async (provider) => expect((await provider.probe(notAborted())).state).toBe('impostor'))
  })

  it('is unreachable when nothing answers', async () => {
    const gone = await scriptedEngine(() => undefined)
    await gone[Symbol.asyncDispose]()
    const provider = createOpenAiCompatible(providerConfig({ kind: 'openai-compatible', baseUrl: `${gone.url}/v1` }))
    expect((await provider.probe(notAborted())).state).toBe('unreachable')
    await provider.close()
  })

  it('ends its work when a chat is left, and when it is aborted', async () => {
    const closed: Promise<void>[] = []
    const slow: Answerer = (_, response) => {
      closed.push(new Promise((resolve) => response.on('close', () => resolve())))
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .write('data: {"model":"a","choices":[{"delta":{"content":"x"}}]}\n\n')
    }
    await withServer(slow, async (provider) => {
      const request = { model: 'a', messages: [{ role: 'user' as const, content: 'x' }] }
      for await (const part of provider.chat(request, context())) if (part.type === 'delta') break
      await closed[0]
      const abort = new AbortController()
      const parts = provider.chat(request, { signal: abort.signal })[Symbol.asyncIterator]()
      await parts.next()
      await parts.next()
      const waiting = parts.next()
      abort.abort()
      await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
      await closed[1]
      const left = provider.chat(request, context())[Symbol.asyncIterator]()
      await left.next()
      await left.next()
      left.next().catch(() => undefined)
      await left.return?.()
      await closed[2]
    })
  })

  it('uses its connection again after an answer that ended', async () => {
    const sockets = new Set<unknown>()
    const answer: Answerer = (_, response) => {
      sockets.add(response.socket)
      sendEvents(response, ['data: {"model":"a","choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n', 'data: [DONE]\n\n'])
    }
    await withServer(answer, async (provider) => {
      for (let turn = 0; turn < 10; turn++) await chatParts(provider, 'a')
      // A second one where the first was not yet free again.
      expect(sockets.size).toBeLessThanOrEqual(2)
    })
  })
})

it('waits a moment for the end of the connection behind the end mark, so that the next request can use it', async () => {
  const sockets = new Set<unknown>()
  const answer: Answerer = (_, response) => {
    sockets.add(response.socket)
    const done = 'data: {"model":"a","choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(done, () => setTimeout(() => response.end(), 5))
  }
  await withServer(answer, async (provider) => {
    for (let turn = 0; turn < 10; turn++) await chatParts(provider, 'a')
    expect(sockets.size).toBeLessThan(8)
  })
})

it('takes a 403 for a matter of the key only where it sent one', async () => {
  const forbidden: Answerer = (_, response) => void response.writeHead(403).end()
  await withServer(forbidden, async (provider) =>
    expect(await provider.list(notAborted()).catch((error) => error.code)).toBe('provider_error'),
  )
  const withKey = { apiKey: 'abc' }
  await withServer(
    forbidden,
    async (provider) => expect(await provider.list(notAborted()).catch((error) => error.code)).toBe('provider_unauthorized'),
    withKey,
  )
})

describe('llama-swap', () => {
  const folder = 'llama-swap/v250'
  const file = (number: string): string => `${folder}/${recordings(folder).find((name) => name.startsWith(number))}`
  /** As recorded; `/running` goes through these, the last again and again. */
  const swap = (running: string[], chat = '10'): Answerer => {
    const queue = [...running]
    return (asked, response) => {
      if (asked.path === '/v1/models') replay(response, file('05'))
      else if (asked.path === '/running') replay(response, file((queue.length > 1 ? queue.shift() : queue[0]) ?? '06'))
      else if (asked.path.startsWith('/api/models/unload')) replay(response, file('14'))
      else if (asked.method === 'POST') replay(response, file(chat))
      else replay(response, file('04'))
    }
  }

  it('is known by its list and then says what is in memory, without commands and addresses', async () => {
    await withServer(swap(['09']), async (provider) => {
      expect((await provider.probe(notAborted())).capabilities).toMatchObject({
        load: 'lazy',
        unload: 'async',
        loadedState: true,
        namesAnsweringModel: false,
      })
      expect((await provider.list(notAborted())).map(({ name }) => name)).toEqual(['broken', 'tiny-a', 'tiny-b'])
      expect(await provider.loaded(notAborted())).toEqual([{ name: 'tiny-a', loadedBy: 'other', state: 'ready' }])
    })
  })

  it.each(['06', '13', '15'])('has nothing in memory by recording %s, without a probe before', async (number) => {
    await withServer(swap([number]), async (provider) => expect(await provider.loaded(notAborted())).toEqual([]))
  })

  it('unloads one model and waits until it is gone', async () => {
    await withServer(swap(['09', '09', '15']), async (provider, engine) => {
      await provider.unload({ name: 'tiny-a' }, notAborted())
      expect(engine.lines().slice(-4)).toEqual(['GET /running', 'POST /api/models/unload/tiny-a', 'GET /running', 'GET /running'])
    })
  })

  it('does not pass on the file its child is called by', async () => {
    for (const chat of ['08', '10']) {
      await withServer(swap(['09'], chat), async (provider) => {
        await provider.probe(notAborted())
        const parts = await chatParts(provider, 'tiny-b')
        expect(parts[0]).toEqual({ type: 'start', model: undefined })
        expect(JSON.stringify(parts)).not.toContain('/opt/')
        expect(textOf(parts)).not.toBe('')
      })
    }
  })

  it.each([
    ['11', 'model_not_found'],
    ['12', 'load_failed'],
  ])('a chat refused as in recording %s is %s', async (number, code) => {
    await withServer(swap(['13'], number), async (provider) => {
      await expect(chatParts(provider, 'broken')).rejects.toMatchObject({ code })
    })
  })
})
