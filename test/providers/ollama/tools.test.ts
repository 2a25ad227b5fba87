import { describe, expect, it } from 'vitest'
import type { Provider } from '../../../src/providers/provider.ts'
import { chatParts, notAborted } from '../openai-chat/scripted-engine.ts'
import { answering, failureOf, lines, withOllama } from './with-ollama.ts'

const chat = (reply: object | ReturnType<typeof lines>) => answering({ 'POST /api/chat': reply })
const piece = (message: object) => ({ model: 'm', message: { role: 'assistant', content: '', ...message }, done: false })
const last = { model: 'm', message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop' }
const weather = { name: 'weather', description: 'Tells it', parameters: { type: 'object', properties: { city: { type: 'string' } } } }
const time = { name: 'time' }

const bodyOf = async (over: Record<string, unknown>): Promise<Record<string, unknown>> => {
  let body: Record<string, unknown> = {}
  await withOllama(chat(lines(last)), async (provider, engine) => {
    await chatParts(provider, 'm', { maxTokens: undefined, ...over })
    body = engine.asked[0]?.body ?? {}
  })
  return body
}

describe('tools go to Ollama', () => {
  it('with what they take, and nothing else of them', async () => {
    const { tools } = await bodyOf({ tools: [{ ...weather, strict: false }, time] })
    expect(tools).toEqual([
      { type: 'function', function: weather },
      { type: 'function', function: { name: 'time', parameters: { type: 'object', properties: {} } } },
    ])
  })

  it('not at all where none is to be called', async () => {
    expect(await bodyOf({ tools: [weather], toolChoice: 'none', parallelToolCalls: false })).not.toHaveProperty('tools')
    expect(await bodyOf({ tools: [weather], toolChoice: 'auto', parallelToolCalls: true })).toHaveProperty('tools')
  })

  it.each([
    [{ tools: [weather], toolChoice: 'required' }, 'toolChoice'],
    [{ tools: [weather], toolChoice: { name: 'weather' } }, 'toolChoice'],
    [{ tools: [weather], toolChoice: { name: 'other' } }, 'toolChoice.name'],
    [{ toolChoice: 'required' }, 'toolChoice'],
    [{ tools: [weather], parallelToolCalls: false }, 'parallelToolCalls'],
    [{ tools: [time, { ...weather, strict: true }] }, 'tools.1.strict'],
    [
      { messages: [{ role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 'time', arguments: '[1]' }] }] },
      'messages.0.toolCalls.0.arguments',
    ],
    [
      { messages: [{ role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 'time', arguments: '{"a' }] }] },
      'messages.0.toolCalls.0.arguments',
    ],
  ])('but not what it cannot be asked: %j', async (over, field) => {
    await withOllama(chat(lines(last)), async (provider, engine) => {
      const error = await failureOf(chatParts(provider, 'm', over))
      expect([error.code, error.details?.field]).toEqual(['invalid_request', field])
      expect(engine.asked).toEqual([])
    })
  })

  it('and come back with their results, each with the name of its tool', async () => {
    const { messages } = await bodyOf({
      messages: [
        { role: 'user', content: 'How is it there?' },
        {
          role: 'assistant',
          content: '',
          reasoning: 'I have to look.',
          toolCalls: [
            { id: 'call_1', name: 'weather', arguments: '{"city":"Köln"}' },
            { id: 'call_2', name: 'time', arguments: '' },
          ],
        },
        { role: 'tool', toolCallId: 'call_1', content: 'rain' },
        { role: 'tool', toolCallId: 'call_2', name: 'clock', content: [{ type: 'text', text: 'noon' }], failed: true },
        { role: 'tool', toolCallId: 'unknown', content: '' },
      ],
    })
    expect(messages).toEqual([
      { role: 'user', content: 'How is it there?' },
      {
        role: 'assistant',
        content: '',
        thinking: 'I have to look.',
        tool_calls: [
          { id: 'call_1', function: { index: 0, name: 'weather', arguments: { city: 'Köln' } } },
          { id: 'call_2', function: { index: 1, name: 'time', arguments: {} } },
        ],
      },
      { role: 'tool', content: 'rain', tool_name: 'weather', tool_call_id: 'call_1' },
      { role: 'tool', content: 'noon', tool_name: 'clock', tool_call_id: 'call_2' },
      { role: 'tool', content: '', tool_call_id: 'unknown' },
    ])
  })
})

describe('what else a chat says', () => {
  it('is the form of its answer and how it is sampled', async () => {
    const schema = { type: 'object', properties: { a: { type: 'number' } } }
    const sampling = { topK: 3, minP: 0.1, frequencyPenalty: 0.5, presencePenalty: -1, repeatPenalty: 1.1 }
    const body = await bodyOf({ format: { type: 'schema', schema, name: 'x', strict: true }, ...sampling })
    expect(body.format).toEqual(schema)
    expect(body.options).toEqual({ top_k: 3, min_p: 0.1, frequency_penalty: 0.5, presence_penalty: -1, repeat_penalty: 1.1 })
    expect((await bodyOf({ format: { type: 'json' } })).format).toBe('json')
  })

  it.each([
    [['completion', 'thinking'], 'low', 'low'],
    [['completion', 'thinking'], 'high', 'high'],
    [['completion'], 'high', undefined],
  ])('is how much a model that can think (%j) may think (%s)', async (capabilities, reasoning, think) => {
    const answer = answering({ 'POST /api/chat': lines(last), 'POST /api/show': { capabilities } })
    await withOllama(answer, async (provider, engine) => {
      await chatParts(provider, 'm', { reasoning })
      expect(engine.asked.find(({ path }) => path === '/api/chat')?.body.think).toBe(think)
    })
  })
})

describe('a call of a tool', () => {
  it('is told with its name and then its arguments, and ends the answer as calls do', async () => {
    const calls = [{ id: 'call_ab', function: { index: 0, name: 'weather', arguments: { city: 'Köln' } } }, { function: { name: 'time' } }]
    await withOllama(chat(lines(piece({ thinking: 'Hm' }), piece({ tool_calls: calls }), last)), async (provider) => {
      const parts = await chatParts(provider, 'm')
      const made = parts.find((part) => part.type === 'tool_call' && part.index === 1)
      expect(made).toMatchObject({ name: 'time', id: expect.stringMatching(/^call_[0-9a-f]{12}1$/) })
      expect(parts).toEqual([
        { type: 'start', model: 'm' },
        { type: 'reasoning', text: 'Hm' },
        { type: 'tool_call', index: 0, id: 'call_ab', name: 'weather' },
        { type: 'tool_arguments', index: 0, text: '{"city":"Köln"}' },
        made,
        { type: 'tool_arguments', index: 1, text: '{}' },
        { type: 'end', finishReason: 'tool_calls', usage: {}, model: 'm' },
      ])
    })
  })

  it('may come with the last line, and one that was cut off ends as cut', async () => {
    const message = { role: 'assistant', content: '', tool_calls: [{ id: 'a', function: { name: 'time', arguments: {} } }] }
    for (const [done_reason, finishReason] of [
      ['stop', 'tool_calls'],
      ['length', 'length'],
    ]) {
      await withOllama(chat(lines({ ...last, message, done_reason })), async (provider) => {
        const parts = await chatParts(provider, 'm')
        expect(parts.map(({ type }) => type)).toEqual(['start', 'tool_call', 'tool_arguments', 'end'])
        expect(parts.at(-1)).toMatchObject({ finishReason })
      })
    }
  })

  it.each([
    ['no list', {}],
    ['no name', [{ function: { arguments: {} } }]],
    ['a name without end', [{ function: { name: 'x'.repeat(300), arguments: {} } }]],
    ['arguments as text', [{ function: { name: 'x', arguments: '{}' } }]],
    ['too many', Array.from({ length: 1025 }, () => ({ function: { name: 'x' } }))],
  ])('is refused: %s', async (_, calls) => {
    await withOllama(chat(lines(piece({ tool_calls: calls }), last)), async (provider) => {
      expect((await failureOf(chatParts(provider, 'm'))).code).toBe('provider_protocol')
    })
  })

  it('gets another id where the engine’s is none', async () => {
    const calls = [
      { id: 'a\nb', function: { name: 'x' } },
      { id: 7, function: { name: 'x' } },
    ]
    await withOllama(chat(lines(piece({ tool_calls: calls }), last)), async (provider) => {
      const ids = (await chatParts(provider, 'm')).flatMap((part) => (part.type === 'tool_call' ? [part.id] : []))
      expect(ids.filter((id) => /^call_[0-9a-f]+$/.test(id))).toHaveLength(2)
      expect(new Set(ids).size).toBe(2)
    })
  })
})

describe('vectors', () => {
  const embed = (provider: Provider, over: object = {}) =>
    provider.embed?.({ model: 'm', input: ['one', 'two'], ...over }, { signal: notAborted() }) ??
    Promise.reject(new TypeError('it has none'))
  const two = {
    model: 'm',
    embeddings: [
      [0.6, 0.8],
      [1, 0],
    ],
    prompt_eval_count: 4,
  }

  it('are asked for with the options of the load, so that nothing is loaded anew, and whole', async () => {
    await withOllama(answering({ 'POST /api/embed': two }), async (provider, engine) => {
      const load = { contextLength: 512, keepAlive: '30m' }
      expect(await embed(provider, { load, dimensions: 2 })).toEqual({ vectors: two.embeddings, promptTokens: 4 })
      expect(engine.asked[0]?.body).toEqual({
        model: 'm',
        input: ['one', 'two'],
        truncate: false,
        dimensions: 2,
        options: { num_ctx: 512 },
        keep_alive: '30m',
      })
    })
  })

  it('of a model that makes none are unsupported', async () => {
    await withOllama(answering({ 'POST /api/embed': '0.32.15/39-embed' }), async (provider) => {
      expect((await failureOf(embed(provider))).code).toBe('unsupported_operation')
    })
  })

  it.each([
    [{ embeddings: [[1]] }, 'provider_protocol'],
    [{ embeddings: [[1], []] }, 'provider_protocol'],
    [{ embeddings: [[1], [1, 2]] }, 'provider_protocol'],
    [{ embeddings: [[1], ['1']] }, 'provider_protocol'],
    [{ embeddings: [[1], [null]] }, 'provider_protocol'],
    [{ embeddings: [[], []] }, 'provider_protocol'],
    [{ embeddings: null }, 'provider_protocol'],
    [{}, 'provider_protocol'],
    [{ error: 'the input length exceeds the context length' }, 'context_length_exceeded'],
  ])('are not believed: %j', async (body, code) => {
    await withOllama(answering({ 'POST /api/embed': body }), async (provider) => {
      expect((await failureOf(embed(provider))).code).toBe(code)
    })
  })

  it('of another length than asked for are refused', async () => {
    await withOllama(answering({ 'POST /api/embed': two }), async (provider) => {
      const error = await failureOf(embed(provider, { dimensions: 3 }))
      expect([error.code, error.details?.field]).toEqual(['unsupported_operation', 'dimensions'])
    })
  })
})
