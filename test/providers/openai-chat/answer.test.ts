import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ModelyardError } from '../../../src/contract/index.ts'
import { type createEngine, plainWire, requestBody, streamChat } from '../../../src/providers/openai-chat/index.ts'
import type { ChatPart } from '../../../src/providers/provider.ts'
import { notAborted, recording } from './scripted-engine.ts'

type Http = ReturnType<typeof createEngine>['http']

/** An engine whose answer is given as bytes, without a socket. */
function answering(chunks: readonly Uint8Array[], over: { status?: number; type?: string } = {}) {
  let left = 0
  const http = {
    stream: async () => ({
      status: over.status ?? 200,
      headers: { 'content-type': over.type ?? 'text/event-stream' },
      body: (async function* () {
        try {
          yield* chunks
        } finally {
          left++
        }
      })(),
    }),
  } as unknown as Http
  const call = {
    engine: { http, label: 'The engine', auth: {} },
    path: '/v1/chat/completions',
    body: () => ({}),
    model: 'm',
    nameOf: (name: string) => name,
  }
  return { parts: () => streamChat(call, { signal: notAborted() }), left: () => left }
}

const bytes = (...texts: string[]): Uint8Array[] => texts.map((text) => new TextEncoder().encode(text))
const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`
const delta = (content: unknown, over: object = {}): string =>
  event({ model: 'm', choices: [{ index: 0, delta: { content }, finish_reason: null, ...over }] })
const stop = delta(null, { finish_reason: 'stop' })
const done = 'data: [DONE]\n\n'

async function collect(chunks: readonly Uint8Array[], over = {}): Promise<ChatPart[]> {
  const parts: ChatPart[] = []
  for await (const part of answering(chunks, over).parts()) parts.push(part)
  return parts
}

const failureOf = (chunks: readonly Uint8Array[], over = {}): Promise<ModelyardError> =>
  collect(chunks, over).then(
    (parts) => expect.fail(`answered: ${JSON.stringify(parts)}`),
    (error: ModelyardError) => error,
  )

describe('an answer in OpenAI events', () => {
  it('has its start with the model, its text, and its end with usage', async () => {
    const usage = event({ model: 'm', choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } })
    expect(await collect(bytes(delta('He'), delta('llo'), stop, usage, done))).toEqual([
      { type: 'start', model: 'm' },
      { type: 'delta', text: 'He' },
      { type: 'delta', text: 'llo' },
      { type: 'end', finishReason: 'stop', usage: { promptTokens: 3, completionTokens: 2 }, model: 'm' },
    ])
  })

  it.each(['reasoning_content', 'reasoning'])('takes %s as reasoning and leaves <think> in the text', async (field) => {
    const thought = event({ model: 'm', choices: [{ delta: { [field]: 'hm' } }] })
    const parts = await collect(bytes(thought, delta('<think>x</think>'), stop, done))
    expect(parts.slice(1, 3)).toEqual([
      { type: 'reasoning', text: 'hm' },
      { type: 'delta', text: '<think>x</think>' },
    ])
  })

  it('is the same however the bytes are cut', async () => {
    const whole = Buffer.from(`: ping\r\n\r\n${delta('grüße 🌍')}event: x\n${delta('\u2028')}:\n\n${stop}${done}`)
    const expected = await collect([whole])
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(whole.length), { maxLength: 30 }), async (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), whole.length]
        const pieces = edges.slice(1).map((edge, index) => whole.subarray(edges[index], edge))
        expect(await collect(pieces)).toEqual(expected)
      }),
      { numRuns: 200 },
    )
    expect(expected.filter((part) => part.type === 'delta')).toHaveLength(2)
  })

  it('reads the recorded streams of llama-server and llama-swap', async () => {
    const single = recording('llama-server/0c1e570/12-v1-chat-stream.json').response.chunks ?? []
    const parts = await collect(bytes(...single))
    expect(parts[0]).toEqual({ type: 'start', model: 'models/tiny-a.gguf' })
    expect(parts.at(-1)).toMatchObject({ type: 'end', finishReason: 'length', usage: { completionTokens: 10, promptTokens: 29 } })
    const swapped = recording('llama-swap/v250/10-v1-chat-swaps-stream.json').response.chunks ?? []
    expect((await collect(bytes(...swapped))).map((part) => part.type)).toEqual(['start', 'delta', 'end'])
  })

  it('accepts an end by the finish reason alone, and one by the end mark alone', async () => {
    expect((await collect(bytes(delta('x'), stop))).at(-1)).toMatchObject({ type: 'end', finishReason: 'stop' })
    expect((await collect(bytes(delta('x'), done))).at(-1)).toMatchObject({ type: 'end', finishReason: 'other' })
    expect((await collect(bytes(delta('x'), 'data: [DONE]'))).at(-1)).toMatchObject({ type: 'end' })
  })

  it('accepts a whole answer from an engine that does not stream', async () => {
    const whole = { model: 'm', choices: [{ message: { content: 'Hi', reasoning: 'so' }, finish_reason: 'stop' }] }
    expect((await collect(bytes(JSON.stringify(whole)), { type: 'application/json' })).map((part) => part.type)).toEqual([
      'start',
      'reasoning',
      'delta',
      'end',
    ])
  })

  it('ends the work of the engine when it is left', async () => {
    const engine = answering(bytes(delta('a'), delta('b'), stop, done))
    for await (const part of engine.parts()) if (part.type === 'delta') break
    expect(engine.left()).toBe(1)
  })
})

describe('an answer that fails', () => {
  it.each([
    ['nothing', []],
    ['comments only', [': ping\n\n']],
    ['no end', [delta('x')]],
    ['an event cut in the middle', [delta('x'), delta('y').slice(0, 20)]],
    ['an end mark and nothing else', [done]],
    ['no JSON', ['data: hello\n\n']],
    ['a list', ['data: []\n\n']],
    ['text that is a number', [delta(7)]],
    ['choices that are text', [event({ choices: 'x' })]],
    ['neither choices nor usage', [event({ hello: 1 })]],
  ])('%s is a protocol error', async (_, texts) => {
    expect((await failureOf(bytes(...texts))).code).toBe('provider_protocol')
  })

  it.each([
    ['an error object', event({ error: { code: 500, message: 'it broke', type: 'server_error' } })],
    ['an error text', event({ error: 'it broke' })],
    ['an error field', 'error: {"code":500,"message":"it broke","type":"server_error"}\n\n'],
    ['an error event', 'event: error\ndata: {"message":"it broke"}\n\n'],
    ['a bare line', '{"error":{"message":"it broke"}}\n\n'],
    ['JSON in the error text', event({ error: JSON.stringify({ error: { message: 'it broke' } }) })],
  ])('%s inside the stream is the engine error in its words', async (_, text) => {
    const error = await failureOf(bytes(delta('x'), text, done))
    expect(error.code).toBe('provider_error')
    expect(error.message).toContain('it broke')
  })

  it('knows a prompt that is too long, refused and inside the stream', async () => {
    const { status, json } = recording('llama-server/0c1e570/15-v1-chat-over-context.json').response
    const refused = await failureOf(bytes(JSON.stringify(json)), { status, type: 'application/json' })
    expect(refused.code).toBe('context_length_exceeded')
    expect(refused.details).toMatchObject({ promptTokens: 10019, contextLength: 256 })
    expect((await failureOf(bytes(delta('x'), event({ error: { code: 'context_length_exceeded', message: 'too long' } })))).code).toBe(
      'context_length_exceeded',
    )
  })

  it('calls a web page one', async () => {
    const error = await failureOf(bytes('<!doctype html><script>alert(1)</script>'), { type: 'text/html' })
    expect(error.code).toBe('provider_protocol')
    expect(error.message).not.toContain('<')
  })

  it('stops reading an event that does not end', async () => {
    const endless = Array.from({ length: 20 }, () => new Uint8Array(1024 * 1024).fill(120))
    const engine = answering([...bytes('data: '), ...endless])
    await expect(engine.parts().next()).rejects.toMatchObject({ code: 'provider_protocol' })
    expect(engine.left()).toBe(1)
  })

  it('stops collecting an event of more and more lines', async () => {
    const line = new TextEncoder().encode(`data: ${'x'.repeat(1024 * 1024)}\n`)
    const engine = answering(Array.from({ length: 20 }, () => line))
    await expect(engine.parts().next()).rejects.toMatchObject({ code: 'provider_protocol', message: expect.stringContaining('at most') })
  })

  it.each([
    [401, { error: { message: 'no key' } }, 'provider_unauthorized'],
    [404, { error: { message: 'The model `x` does not exist' } }, 'model_not_found'],
    [400, { error: { message: 'this model does not support Chat Completions API' } }, 'not_a_chat_model'],
    [500, { error: { message: 'CUDA error: out of memory' } }, 'out_of_memory'],
    [503, { error: { message: 'Loading model' } }, 'provider_busy'],
    [403, {}, 'provider_error'],
    [429, {}, 'provider_busy'],
    [502, {}, 'provider_error'],
    [500, { error: { message: 'model name=junk failed to load' } }, 'load_failed'],
  ])('%i %j is %s', async (status, body, code) => {
    expect((await failureOf(bytes(JSON.stringify(body)), { status, type: 'application/json' })).code).toBe(code)
  })

  it('hands on no control characters of the engine', async () => {
    const error = await failureOf(bytes(event({ error: { message: '\u001b[31mred\u001b[0m\u0007' } })))
    expect(error.message).toMatch(/red/)
    expect(error.message).not.toMatch(/[\u0000-\u001f]/)
  })
})

describe('a request', () => {
  it('holds what was asked for and images as data URLs', () => {
    const messages = [
      {
        role: 'user' as const,
        content: [
          { type: 'text' as const, text: 'what?' },
          { type: 'image' as const, mediaType: 'image/png' as const, data: 'AAAA' },
        ],
      },
    ]
    expect(
      requestBody({ model: 'a', messages, maxTokens: 5, topP: 0.5, seed: 1, stop: ['x'] }, 'id', { label: 'It', ...plainWire }),
    ).toEqual({
      model: 'id',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'what?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          ],
        },
      ],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 5,
      top_p: 0.5,
      seed: 1,
      stop: ['x'],
    })
  })
})
