import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { ModelyardError } from '../../../src/contract/index.ts'
import type { NeutralAnswer } from '../../../src/gateway/dialect.ts'
import { openaiChat, openaiDialect } from '../../../src/gateway/openai/index.ts'
import type { ChatPart } from '../../../src/providers/provider.ts'
import { answering, at, everything, piecesOf, recorded, shapeOf, writeAll } from '../answering.ts'

const withUsage = { stream_options: { include_usage: true } }
const stream = (parts: readonly ChatPart[], body = {}): string => writeAll(openaiChat.writer(answering(), body), parts)
const plain: readonly ChatPart[] = [
  { type: 'start' },
  { type: 'delta', text: 'n' },
  { type: 'delta', text: 'S' },
  { type: 'end', finishReason: 'length', usage: { promptTokens: 29, completionTokens: 10 } },
]

/** What OpenAI's own client makes of these bytes. */
async function read(bytes: string) {
  const fetch = async (): Promise<Response> => new Response(bytes, { headers: { 'content-type': openaiDialect.streamType } })
  const client = new OpenAI({ apiKey: 'none', baseURL: 'http://nowhere.invalid/v1', fetch, maxRetries: 0 })
  return client.chat.completions.create({ model: 'm', stream: true, messages: [] })
}

describe('a streamed answer', () => {
  it('is in chunks as OpenAI has them, one for each part', () => {
    const same = { id: 'chatcmpl-abc123', object: 'chat.completion.chunk', created: Math.floor(at / 1000), model: 'tiny "a"' }
    const chunk = (delta: object, finish_reason: string | null = null) => ({
      ...same,
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    })
    const call = (value: object) => chunk({ tool_calls: [value] })
    expect(piecesOf(stream(everything))).toEqual([
      chunk({ role: 'assistant', content: '' }),
      chunk({ reasoning_content: 'Hm\n' }),
      chunk({ content: 'Hé "you"' }),
      chunk({ content: '\u2028😀' }),
      call({ index: 0, id: 'c0', type: 'function', function: { name: 'weather', arguments: '' } }),
      call({ index: 0, function: { arguments: '{"place":' } }),
      call({ index: 0, function: { arguments: '"Bern"}' } }),
      call({ index: 1, id: 'c1', type: 'function', function: { name: 'time', arguments: '' } }),
      chunk({}, 'tool_calls'),
      '[DONE]',
    ])
  })

  it('has the order and the shapes of the recorded one', () => {
    const shapes = (bytes: string) => piecesOf(bytes).map((piece) => shapeOf(piece, ['system_fingerprint', 'logprobs', 'usage', 'role']))
    const real = shapes((recorded('ollama/0.32.15/50-v1-chat-stream.json').chunks ?? []).join(''))
    const ours = shapes(stream(plain, withUsage))
    const once = (list: unknown[]) => list.filter((one, index) => JSON.stringify(one) !== JSON.stringify(list[index - 1]))
    expect(once(ours)).toEqual(once(real))
  })

  it('has usage in a chunk of its own when asked for it, and where it is known', () => {
    const pieces = piecesOf(stream(everything, withUsage)) as { usage?: unknown; choices: unknown[] }[]
    expect(pieces.slice(0, -2).every((piece) => piece.usage === null)).toBe(true)
    expect(pieces.at(-2)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 29, completion_tokens: 10, total_tokens: 39, prompt_tokens_details: { cached_tokens: 4 } },
    })
    const unknown = piecesOf(stream([{ type: 'start' }, { type: 'end', finishReason: 'stop' }], withUsage))
    expect([unknown.length, unknown.at(-1)]).toEqual([3, '[DONE]'])
  })

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['tool_calls', 'tool_calls'],
    ['other', 'stop'],
  ] as const)('that ends with %s ends with %s', (finishReason, word) => {
    expect(stream([{ type: 'end', finishReason }])).toContain(`"finish_reason":"${word}"`)
  })

  it('that called a tool ends so also where the engine says stop', () => {
    expect(stream([...everything.slice(0, -1), { type: 'end', finishReason: 'stop' }])).toContain('"finish_reason":"tool_calls"')
  })

  it("is read by OpenAI's client, comments and waiting included", async () => {
    const chunks = []
    const bytes = `${openaiDialect.keepAlive}${openaiDialect.comment?.('model\r\n\ndata: x')}${stream(everything, withUsage)}`
    for await (const chunk of await read(bytes)) chunks.push(chunk)
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Hé "you"\u2028😀')
    expect(chunks.at(-1)?.usage?.total_tokens).toBe(39)
    expect(chunks).toHaveLength(10)
  })

  it('that fails after it has begun is an error to that client, and has no end mark', async () => {
    const failure = openaiDialect.streamError(new ModelyardError('provider_error', 'The engine died.'))
    expect(failure).not.toContain('[DONE]')
    const reading = async () => {
      for await (const _ of await read(stream(plain.slice(0, 2)) + failure));
    }
    await expect(reading()).rejects.toMatchObject({ code: 'provider_error', type: 'server_error' })
  })
})

const answer: NeutralAnswer = {
  text: 'nS',
  reasoning: '',
  toolCalls: [],
  finishReason: 'length',
  usage: { promptTokens: 29, completionTokens: 10 },
}
const whole = (over: Partial<NeutralAnswer>) =>
  openaiChat.whole(answering(), {}, { ...answer, ...over }) as { choices: [{ message: object; finish_reason: string }]; usage?: unknown }

describe('a whole answer', () => {
  it('has the shape of the recorded one', () => {
    const without = ['system_fingerprint', 'logprobs', 'refusal']
    expect(shapeOf(whole({}), without)).toEqual(shapeOf(recorded('ollama/0.32.15/49-v1-chat.json').json, without))
  })

  it('has its thoughts and its calls; no text is null then', () => {
    const toolCalls = [{ id: 'c0', name: 'weather', arguments: '{"a":1}' }]
    const { choices, usage } = whole({ text: '', reasoning: 'Hm', toolCalls, finishReason: 'stop', usage: undefined as never })
    expect(choices[0]).toEqual({
      index: 0,
      message: {
        role: 'assistant',
        content: null,
        refusal: null,
        reasoning_content: 'Hm',
        tool_calls: [{ id: 'c0', type: 'function', function: { name: 'weather', arguments: '{"a":1}' } }],
      },
      logprobs: null,
      finish_reason: 'tool_calls',
    })
    expect(usage).toBeUndefined()
  })
})
