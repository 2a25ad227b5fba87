import { Ollama } from 'ollama'
import { describe, expect, it } from 'vitest'
import { ModelyardError } from '../../../src/contract/index.ts'
import type { ChatDialect, NeutralAnswer } from '../../../src/gateway/dialect.ts'
import { asksToLoad, loadedAnswer, ollamaChat, ollamaDialect, ollamaGenerate } from '../../../src/gateway/ollama/index.ts'
import type { ChatPart } from '../../../src/providers/provider.ts'
import { answering, everything, piecesOf, recorded, shapeOf, writeAll } from '../answering.ts'

const stream = (parts: readonly ChatPart[], dialect: ChatDialect = ollamaChat): string => writeAll(dialect.writer(answering(), {}), parts)
const plain: readonly ChatPart[] = [
  { type: 'start' },
  { type: 'delta', text: 'n' },
  { type: 'end', finishReason: 'length', usage: { promptTokens: 29, completionTokens: 10 } },
]
const created_at = expect.stringMatching(/^2026-03-01T10:00:0\d\.\d{3}Z$/)

/** What Ollama's own client makes of these bytes. */
function client(bytes: string, status = 200): Ollama {
  const fetch = async (): Promise<Response> => new Response(bytes, { status, headers: { 'content-type': ollamaDialect.streamType } })
  return new Ollama({ host: 'http://nowhere.invalid', fetch })
}
const chatWith = (bytes: string) => client(bytes).chat({ model: 'm', messages: [], stream: true })

describe('a streamed answer', () => {
  it('is a line for each part, its calls in one before the last', () => {
    const line = (message: object) => ({
      model: 'tiny "a"',
      created_at,
      message: { role: 'assistant', content: '', ...message },
      done: false,
    })
    expect(piecesOf(stream(everything))).toEqual([
      line({ thinking: 'Hm\n' }),
      line({ content: 'Hé "you"' }),
      line({ content: '\u2028😀' }),
      line({
        tool_calls: [
          { id: 'c0', function: { index: 0, name: 'weather', arguments: { place: 'Bern' } } },
          { id: 'c1', function: { index: 1, name: 'time', arguments: {} } },
        ],
      }),
      {
        model: 'tiny "a"',
        created_at,
        message: { role: 'assistant', content: '' },
        done: true,
        done_reason: 'stop',
        prompt_eval_count: 29,
        eval_count: 10,
        total_duration: expect.any(Number),
        load_duration: 0,
        prompt_eval_duration: 10e6,
        eval_duration: expect.any(Number),
      },
    ])
  })

  it.each<[string, ChatDialect, string[]]>([
    ['28-chat-stream.json', ollamaChat, []],
    // Tokens of a conversation: the models behind are others each time, and nothing reads them back.
    ['29-generate-stream.json', ollamaGenerate, ['context']],
  ])('has the lines of the recorded one: %s', (file, dialect, without) => {
    const real = piecesOf((recorded(`ollama/0.32.15/${file}`).chunks ?? []).join(''))
    const ours = piecesOf(stream(plain, dialect))
    expect(ours.map((line) => shapeOf(line))).toEqual([shapeOf(real[0]), shapeOf(real.at(-1), without)])
    expect(Object.keys(ours[0] as object)).toEqual(Object.keys(real[0] as object))
    expect(ours.at(-1)).toMatchObject({ done_reason: 'length', prompt_eval_count: 29, eval_count: 10 })
  })

  it('has its times from the clock: the first piece divides them', () => {
    const { total_duration, prompt_eval_duration, eval_duration } = piecesOf(stream(plain)).at(-1) as Record<string, number>
    expect((prompt_eval_duration ?? 0) + (eval_duration ?? 0)).toBe(total_duration)
    expect(prompt_eval_duration).toBe(10e6)
  })

  it('of a prompt has its thoughts and its text beside each other', () => {
    expect(piecesOf(stream(everything.slice(0, 3), ollamaGenerate))).toEqual([
      { model: 'tiny "a"', created_at, response: '', thinking: 'Hm\n', done: false },
      { model: 'tiny "a"', created_at, response: 'Hé "you"', done: false },
    ])
  })

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['tool_calls', 'stop'],
    ['other', 'stop'],
  ] as const)('that ends with %s ends with %s', (finishReason, word) => {
    expect(piecesOf(stream([{ type: 'end', finishReason }]))).toMatchObject([{ done: true, done_reason: word }])
  })

  it.each(['{"a":', '[1]', 'null', 'Bern'])('whose call has arguments that are no object fails: %s', (text) => {
    const parts: ChatPart[] = [
      { type: 'tool_call', index: 0, id: 'c', name: 'f' },
      { type: 'tool_arguments', index: 0, text },
      { type: 'end', finishReason: 'stop' },
    ]
    expect(() => stream(parts)).toThrow(
      expect.objectContaining({ code: 'provider_error', message: expect.stringContaining('"f"') }) as never,
    )
  })

  it('that reaches its limit inside a call has not made it', () => {
    const calls: ChatPart[] = [
      { type: 'tool_call', index: 0, id: 'a', name: 'f' },
      { type: 'tool_arguments', index: 0, text: '{"x":1}' },
      { type: 'tool_call', index: 1, id: 'b', name: 'g' },
      { type: 'tool_arguments', index: 1, text: '{"y":' },
    ]
    const made = [{ id: 'a', function: { index: 0, name: 'f', arguments: { x: 1 } } }]
    expect(piecesOf(stream([...calls, { type: 'end', finishReason: 'length' }]))).toMatchObject([
      { message: { tool_calls: made } },
      { done: true, done_reason: 'length' },
    ])
    const toolCalls = [
      { id: 'a', name: 'f', arguments: '{"x":1}' },
      { id: 'b', name: 'g', arguments: '{"y":' },
    ]
    const whole = ollamaChat.whole(answering(), {}, { text: '', reasoning: '', toolCalls, finishReason: 'length' })
    expect(whole).toMatchObject({ message: { tool_calls: made }, done_reason: 'length' })
  })

  it("is read by Ollama's client", async () => {
    const parts = []
    for await (const part of await chatWith(stream(everything))) parts.push(part)
    expect(parts.map(({ message }) => message.content).join('')).toBe('Hé "you"\u2028😀')
    expect(parts.flatMap(({ message }) => message.tool_calls ?? []).map((call) => call.function.arguments)).toEqual([{ place: 'Bern' }, {}])
    expect(parts.at(-1)).toMatchObject({ done: true, eval_count: 10 })
  })

  it('that fails after it has begun is an error to that client', async () => {
    const failure = ollamaDialect.streamError(new ModelyardError('provider_error', 'The engine died.'))
    const reading = async () => {
      for await (const _ of await chatWith(stream(plain.slice(0, 2)) + failure));
    }
    await expect(reading()).rejects.toThrow('The engine died.')
  })
})

const answer: NeutralAnswer = {
  text: 'n',
  reasoning: '',
  toolCalls: [],
  finishReason: 'length',
  usage: { promptTokens: 29, completionTokens: 10 },
}

describe('a whole answer', () => {
  const measured = ['load_duration', 'prompt_eval_duration', 'eval_duration']
  it.each<[string, ChatDialect]>([
    ['27-chat.json', ollamaChat],
    ['30-generate-raw.json', ollamaGenerate],
  ])('has the shape of the recorded one, without the times that nobody measured: %s', (file, dialect) => {
    expect(shapeOf(dialect.whole(answering(), {}, answer))).toEqual(shapeOf(recorded(`ollama/0.32.15/${file}`).json, measured))
  })

  it('has its thoughts and its calls', () => {
    const toolCalls = [{ id: 'c0', name: 'f', arguments: '{"a":1}' }]
    expect(ollamaChat.whole(answering(), {}, { ...answer, reasoning: 'Hm', toolCalls })).toMatchObject({
      message: {
        role: 'assistant',
        content: 'n',
        thinking: 'Hm',
        tool_calls: [{ id: 'c0', function: { index: 0, name: 'f', arguments: { a: 1 } } }],
      },
    })
    expect(ollamaGenerate.whole(answering(), {}, { ...answer, reasoning: 'Hm' })).toMatchObject({ response: 'n', thinking: 'Hm' })
  })
})

describe('a body that only loads', () => {
  it.each<['chat' | 'generate', object, string | undefined]>([
    ['generate', {}, 'load'],
    ['generate', { prompt: '', keep_alive: '5m' }, 'load'],
    ['generate', { keep_alive: 0 }, 'unload'],
    ['generate', { keep_alive: '0s' }, 'unload'],
    ['generate', { keep_alive: '-0.0µs' }, 'unload'],
    ['generate', { keep_alive: -1 }, 'load'],
    // Long enough to be for ever to what goes back and forth.
    ['generate', { keep_alive: `${'0'.repeat(60)}x` }, 'load'],
    ['generate', { prompt: 'Hi', keep_alive: 0 }, undefined],
    ['generate', { images: ['x'] }, undefined],
    ['chat', { messages: [] }, 'load'],
    ['chat', { prompt: 'Hi' }, 'load'],
    ['chat', { messages: [], keep_alive: '0m0s' }, 'unload'],
    ['chat', { messages: [{}] }, undefined],
  ])('%s of %j: %s', (route, body, reason) => expect(asksToLoad(route, body as never)).toBe(reason))

  it.each<['chat' | 'generate', 'load' | 'unload', string]>([
    ['generate', 'load', '24-load-by-generate.json'],
    ['chat', 'load', '26-load-by-chat.json'],
    ['generate', 'unload', '42-unload.json'],
  ])('%s, %s: is answered as recorded', (route, reason, file) => {
    const real = recorded(`ollama/0.32.15/${file}`).json as object
    expect(loadedAnswer(route, answering(), reason)).toEqual({ ...real, model: 'tiny "a"', created_at })
  })
})
