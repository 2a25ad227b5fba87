import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { ModelyardError } from '../../../src/contract/index.ts'
import type { Provider } from '../../../src/providers/provider.ts'
import { chatParts, notAborted, recording, textOf } from '../openai-chat/scripted-engine.ts'
import { answering, failureOf, lines, refusing, withOllama } from './with-ollama.ts'

const chat = (reply: string | object | ((response: ServerResponse) => void)) => answering({ 'POST /api/chat': reply })
const piece = (content: string, more: object = {}) => ({ model: 'm', message: { role: 'assistant', content, ...more }, done: false })
const last = {
  model: 'm',
  message: { role: 'assistant', content: '' },
  done: true,
  done_reason: 'stop',
  eval_count: 2,
  prompt_eval_count: 3,
}
const hello = [{ role: 'user' as const, content: 'Say hello.' }]
const begin = (provider: Provider, signal = notAborted()) =>
  provider.chat({ model: 'm', messages: hello }, { signal })[Symbol.asyncIterator]()

describe('an answer', () => {
  it('is every piece of the stream as the engine sent it', async () => {
    await withOllama(chat('0.32.15/28-chat-stream'), async (provider) => {
      const parts = await chatParts(provider, 'tiny-a')
      const sent = (recording('ollama/0.32.15/28-chat-stream.json').response.chunks ?? []).map((one) => JSON.parse(one))
      expect(textOf(parts)).toBe(sent.map((one) => one.message.content).join(''))
      expect(parts[0]).toEqual({ type: 'start', model: 'tiny-a' })
      expect(parts.at(-1)).toEqual({
        type: 'end',
        finishReason: 'length',
        usage: { promptTokens: 29, completionTokens: 10 },
        model: 'tiny-a',
      })
      expect(parts.filter(({ type }) => type === 'start' || type === 'end')).toHaveLength(2)
    })
  })

  it.each(['0.32.15/27-chat', '0.32.15/37-chat-json-format', '0.32.15/40-chat-second-model', '0.32.15-faults/07-chat-good-again'])(
    'may come whole, in one object: %s',
    async (name) => {
      await withOllama(chat(name), async (provider) => {
        const { json } = recording(`ollama/${name}.json`).response as { json: { message: { content: string }; model: string } }
        const parts = await chatParts(provider, json.model)
        expect(textOf(parts)).toBe(json.message.content)
        expect(parts.at(-1)).toMatchObject({ type: 'end', model: json.model })
      })
    },
  )

  it('is the same however it is cut into packets', async () => {
    const whole = Buffer.from([piece('grüß'), piece(' 漢字'), piece(' 😀'), last].map((one) => `${JSON.stringify(one)}\n`).join(''))
    for (const size of [1, 3, 7, 64, whole.length]) {
      const byPackets = (response: ServerResponse): void => {
        response.writeHead(200, { 'content-type': 'application/x-ndjson' })
        for (let at = 0; at < whole.length; at += size) response.write(whole.subarray(at, at + size))
        response.end()
      }
      await withOllama(chat(byPackets), async (provider) => expect(textOf(await chatParts(provider, 'm'))).toBe('grüß 漢字 😀'))
    }
  })

  it('has its thoughts apart, and counts only what was counted', async () => {
    const { eval_count: _, prompt_eval_count: __, ...uncounted } = last
    const thinking = lines(piece('', { thinking: 'Hm' }), piece('', { thinking: ', yes.' }), piece('Hello'), uncounted)
    await withOllama(chat(thinking), async (provider) => {
      expect(await chatParts(provider, 'm')).toEqual([
        { type: 'start', model: 'm' },
        { type: 'reasoning', text: 'Hm' },
        { type: 'reasoning', text: ', yes.' },
        { type: 'delta', text: 'Hello' },
        { type: 'end', finishReason: 'stop', usage: {}, model: 'm' },
      ])
    })
  })

  it('needs no line end after its last line, and nothing after its end mark is read', async () => {
    const bare = (response: ServerResponse): void =>
      void response.writeHead(200).end(`${JSON.stringify(piece('a'))}\n${JSON.stringify(last)}`)
    await withOllama(chat(bare), async (provider) => expect(textOf(await chatParts(provider, 'm'))).toBe('a'))
    await withOllama(chat(lines(piece('a'), last, piece('b'), '{broken')), async (provider) => {
      expect(textOf(await chatParts(provider, 'm'))).toBe('a')
    })
  })

  it('leaves its connection for the next one, although the end of its body comes after its last line', async () => {
    const ports = new Set<number | undefined>()
    let endBody = (): void => {}
    const answer = chat((response: ServerResponse) => {
      ports.add(response.socket?.remotePort)
      response.write([piece('a'), last].map((one) => `${JSON.stringify(one)}\n`).join(''))
      endBody = () => void response.end()
    })
    await withOllama(answer, async (provider) => {
      for (let i = 0; i < 3; i++) {
        for await (const part of provider.chat({ model: 'm', messages: hello }, { signal: notAborted() }))
          if (part.type === 'end') endBody()
        await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
      }
      expect(ports.size).toBe(1)
    })
  })
})

describe('a request', () => {
  it('carries the options of the load and those of the chat', async () => {
    await withOllama(chat(lines(last)), async (provider, engine) => {
      const load = { contextLength: 512, gpuLayers: 3, keepAlive: '30m' }
      await chatParts(provider, 'm', { load, maxTokens: 9, temperature: 0, topP: 0.5, seed: 1, stop: ['x'] })
      expect(engine.asked[0]?.body).toEqual({
        model: 'm',
        messages: hello,
        stream: true,
        keep_alive: '30m',
        options: { num_ctx: 512, num_gpu: 3, num_predict: 9, temperature: 0, top_p: 0.5, seed: 1, stop: ['x'] },
        truncate: false,
      })
    })
  })

  it('sends nothing that was not asked for: a context of its own would load the model anew', async () => {
    await withOllama(chat(lines(last)), async (provider, engine) => {
      await chatParts(provider, 'm', { maxTokens: undefined, load: {}, stop: [] })
      expect(Object.keys(engine.asked[0]?.body ?? {}).sort()).toEqual(['messages', 'model', 'stream', 'truncate'])
    })
  })

  it('has images beside the words', async () => {
    const content = [
      { type: 'text', text: 'What is' },
      { type: 'image', mediaType: 'image/png', data: 'AAAA' },
      { type: 'text', text: 'this?' },
    ]
    await withOllama(chat(lines(last)), async (provider, engine) => {
      await chatParts(provider, 'm', { messages: [{ role: 'user', content }] })
      expect(engine.asked[0]?.body.messages).toEqual([{ role: 'user', content: 'What is\nthis?', images: ['AAAA'] }])
    })
  })

  it.each([
    [['completion', 'thinking'], false, false],
    [['completion'], false, undefined],
    [undefined, false, undefined],
    [['completion', 'thinking'], undefined, undefined],
    [['completion', 'thinking'], true, undefined],
  ])('tells only a model that can think (%j) not to (%s)', async (capabilities, reasoning, think) => {
    const answer = answering({ 'POST /api/chat': lines(last), 'POST /api/show': { capabilities } })
    await withOllama(answer, async (provider, engine) => {
      await chatParts(provider, 'm', { reasoning })
      expect(engine.asked.find(({ path }) => path === '/api/chat')?.body.think).toBe(think)
      expect(engine.asked).toHaveLength(reasoning === false ? 2 : 1)
    })
  })
})

describe('a refusal', () => {
  it.each([
    ['0.32.15/32-chat-unknown', 'model_not_found'],
    ['0.32.15/33-chat-no-model', 'provider_error'],
    ['0.32.15/34-chat-malformed', 'provider_error'],
    ['0.32.15/35-chat-think-unsupported', 'unsupported_operation'],
    ['0.32.15/36-chat-tools-unsupported', 'unsupported_operation'],
    ['0.32.15-faults/05-chat-broken-stream', 'load_failed'],
    ['0.32.15/74-host-foreign', 'provider_error'],
    [refusing(400, '"nomic-embed-text" does not support chat'), 'not_a_chat_model'],
    [refusing(503, 'server busy, please try again.  maximum pending requests exceeded'), 'provider_busy'],
    [refusing(401, 'unauthorized'), 'provider_unauthorized'],
    [refusing(500, 'CUDA error: out of memory'), 'out_of_memory'],
    [refusing(500, 'llama runner process has terminated: exit status 2'), 'load_failed'],
  ])('%s is %s', async (reply, code) => {
    await withOllama(chat(reply), async (provider) => {
      const error = await failureOf(chatParts(provider, 'm'))
      expect(error.code).toBe(code)
      expect(error.message).not.toMatch(/\/var|\n/)
    })
  })

  it('of a prompt that is too long says by how much', async () => {
    await withOllama(chat('0.32.15/38-chat-over-context'), async (provider) => {
      expect(await failureOf(chatParts(provider, 'tiny-a'))).toMatchObject({
        code: 'context_length_exceeded',
        message: 'Ollama: request (15019 tokens) exceeds the available context size (512 tokens), try increasing it',
        details: { promptTokens: 15019, contextLength: 512, model: 'tiny-a', status: 400 },
      })
    })
  })
})

describe('an answer that goes wrong', () => {
  it.each([
    [
      'an error as a line',
      lines(piece('a'), { error: 'an error was encountered while running the model: out of memory' }),
      'out_of_memory',
    ],
    ['an error of another kind as a line', lines(piece('a'), { error: 'unexpected EOF' }), 'provider_error'],
    ['an error as the only line', lines({ error: "model 'm' not found" }), 'model_not_found'],
    ['no end mark', lines(piece('a')), 'provider_protocol'],
    ['nothing at all', lines(), 'provider_protocol'],
    ['a cut line', (response: ServerResponse) => void response.writeHead(200).end('{"message":{"con'), 'provider_protocol'],
    ['a web page', (response: ServerResponse) => void response.writeHead(200).end('<html>\n</html>\n'), 'provider_protocol'],
    ['lists for objects', lines([], []), 'provider_protocol'],
    ['a number for the words', lines(piece('a'), { message: { content: 7 } }), 'provider_protocol'],
    ['lines without a message', lines({ status: 'pulling' }, last), 'provider_protocol'],
  ])('%s', async (_, reply, code) => {
    await withOllama(chat(reply), async (provider) => {
      expect((await failureOf(chatParts(provider, 'm'))).code).toBe(code)
    })
  })

  it('what came before it was passed on', async () => {
    await withOllama(chat(lines(piece('a'), { error: 'no' })), async (provider) => {
      const parts = begin(provider)
      expect([(await parts.next()).value, (await parts.next()).value]).toEqual([
        { type: 'start', model: 'm' },
        { type: 'delta', text: 'a' },
      ])
      await failureOf(parts.next())
      expect((await parts.next()).done).toBe(true)
    })
  })

  it('a line without an end is cut at the limit', async () => {
    const endless = (response: ServerResponse): void => {
      response.writeHead(200)
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      }
      response.on('drain', more)
      more()
    }
    await withOllama(chat(endless), async (provider) => {
      expect((await failureOf(chatParts(provider, 'm'))).message).toContain('lines of at most')
    })
  })

  it('an endless refusal is cut as well', async () => {
    const endless = (response: ServerResponse): void => {
      response.writeHead(500)
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      }
      response.on('drain', more)
      more()
    }
    await withOllama(chat(endless), async (provider) => {
      expect((await failureOf(chatParts(provider, 'm'))).code).toBe('provider_protocol')
    })
  })
})

describe('leaving', () => {
  /** One piece, then silence until the connection is closed. */
  const silent = (closed: () => void) => (response: ServerResponse) => {
    response.on('close', closed)
    response.writeHead(200).write(`${JSON.stringify(piece('a'))}\n`)
  }

  it('ends the work of the engine, also while a part is awaited', async () => {
    await new Promise<void>((closed, failed) => {
      const run = async (provider: Provider): Promise<void> => {
        const parts = begin(provider)
        await parts.next()
        await parts.next()
        const awaited = parts.next().catch(() => ({ done: true }))
        expect(await parts.return?.()).toMatchObject({ done: true })
        expect(await awaited).toMatchObject({ done: true })
      }
      withOllama(chat(silent(closed)), run).catch(failed)
    })
  })

  it('by the signal is told with its reason', async () => {
    const leaving = new AbortController()
    await withOllama(chat(silent(() => {})), async (provider) => {
      const parts = begin(provider, leaving.signal)
      await parts.next()
      await parts.next()
      leaving.abort(new ModelyardError('superseded'))
      expect((await failureOf(parts.next())).code).toBe('superseded')
    })
  })

  it('before the answer began ends the request', async () => {
    const leaving = new AbortController()
    await withOllama(
      chat(() => leaving.abort()),
      async (provider) => expect((await failureOf(begin(provider, leaving.signal).next())).code).toBe('cancelled'),
    )
  })

  it('nothing is asked before the first part is', async () => {
    await withOllama(chat(lines(last)), async (provider, engine) => {
      begin(provider)
      expect(engine.asked).toEqual([])
    })
  })
})

describe('a connection that died while it was kept', () => {
  it('is told, and the chat goes out once more', async () => {
    let requests = 0
    const answer = answering({
      'GET /api/ps': { models: [] },
      'POST /api/chat': (response) => {
        if (++requests === 1) response.socket?.resetAndDestroy()
        else lines(piece('a'), last)(response)
      },
    })
    await withOllama(answer, async (provider) => {
      await provider.loaded(notAborted())
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
      const reasons: string[] = []
      const onRetry = (reason: string): number => reasons.push(reason)
      const parts = []
      for await (const part of provider.chat({ model: 'm', messages: hello }, { signal: notAborted(), onRetry })) parts.push(part)
      expect(textOf(parts)).toBe('a')
      expect(reasons).toHaveLength(1)
    })
  })
})

describe('a key', () => {
  it('goes with every call but the first look', async () => {
    const answer = answering({
      'GET /': '0.32.15/01-root',
      'GET /api/version': '0.32.15/03-version',
      'GET /api/tags': '0.32.15/19-tags',
      'POST /api/chat': lines(last),
    })
    const run = async (provider: Provider, engine: { asked: readonly { path: string; headers: object }[] }): Promise<void> => {
      await provider.probe(notAborted())
      await provider.list(notAborted())
      await chatParts(provider, 'm')
      const keyed = engine.asked.filter(({ headers }) => 'authorization' in headers).map(({ path }) => path)
      expect(keyed).toEqual(['/api/tags', '/api/chat'])
      expect(provider.dialects()).toEqual(
        ['ollama', 'openai', 'anthropic'].map((dialect) => ({
          dialect,
          baseUrl: provider.baseUrl,
          headers: { authorization: 'Bearer k' },
          adapt: expect.any(Function),
        })),
      )
    }
    await withOllama(answer, run, { apiKey: 'k' })
  })
})
