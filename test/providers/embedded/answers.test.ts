/** What an answer consists of, on real llama.cpp with weights that are noise: only a grammar makes their text valid. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChatMessage } from '../../../src/contract/index.ts'
import type { ChatPart, ProviderChatRequest } from '../../../src/providers/provider.ts'
import { namedGguf } from '../../../src/testing/gguf/named-gguf.ts'
import { tinyGguf } from '../../../src/testing/gguf/tiny-gguf.ts'
import { type Embedded, embedded, soon } from './support.ts'

const hello: ChatMessage[] = [{ role: 'user', content: 'Hi.' }]
const place = {
  type: 'object',
  properties: { city: { enum: ['Oslo', 'Rome'] }, days: { type: 'integer', minimum: 1, maximum: 14 } },
  required: ['city', 'days'],
}
const weather = { name: 'get_weather', description: 'Weather of a place', parameters: place }
const time = { name: 'get_weather_now', parameters: { type: 'object', properties: { exact: { type: 'boolean' } }, required: ['exact'] } }

const aNoise = (): Promise<Embedded> => embedded({ 'm.gguf': tinyGguf({ contextLength: 2048 }) })
/** A family whose calls begin with what a model says that can say nothing but its name. */
const aCalling = (): Promise<Embedded> =>
  embedded({
    'm.gguf': namedGguf('maple', {
      contextLength: 2048,
      chatTemplate:
        '{% for t in tools or [] %}{{ t | tojson }}{% endfor %}{% for m in messages %}{{ m.role }}: {{ m.content }}{% for c in m.tool_calls or [] %}maple{{ c.function.name }}={{ c.function.arguments | tojson }};{% endfor %}{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}',
    }),
  })

let noise: Embedded
let calling: Embedded
beforeAll(async () => {
  noise = await aNoise()
  calling = await aCalling()
  const signal = AbortSignal.timeout(60_000)
  await Promise.all([noise, calling].map(({ provider }) => provider.load('m', {}, { signal })))
}, 60_000)
afterAll(async () => {
  await noise[Symbol.asyncDispose]()
  await calling[Symbol.asyncDispose]()
})

async function partsOf({ provider }: Embedded, request: Partial<ProviderChatRequest>, signal = soon()): Promise<ChatPart[]> {
  const parts: ChatPart[] = []
  for await (const part of provider.chat({ model: 'm', messages: hello, maxTokens: 400, ...request }, { signal })) parts.push(part)
  return parts
}

const textOf = (parts: readonly ChatPart[]): string => parts.map((one) => (one.type === 'delta' ? one.text : '')).join('')

interface MadeCall {
  readonly id: string
  readonly name: string
  text: string
}

function callsOf(parts: readonly ChatPart[]): MadeCall[] {
  const calls: MadeCall[] = []
  for (const part of parts) {
    if (part.type === 'tool_call') calls[part.index] = { id: part.id, name: part.name, text: '' }
    const call = part.type === 'tool_arguments' ? calls[part.index] : undefined
    if (call && part.type === 'tool_arguments') call.text += part.text
  }
  return calls
}

function isPlace(text: string): boolean {
  const { city, days, ...more } = JSON.parse(text) as { city: unknown; days: number }
  return ['Oslo', 'Rome'].includes(String(city)) && Number.isInteger(days) && days >= 1 && days <= 14 && Object.keys(more).length === 0
}

describe('calls of tools', () => {
  it('are made and valid where they have to be, whatever the model', async () => {
    const subject = noise
    for (const seed of [1, 2, 3]) {
      const parts = await partsOf(subject, { tools: [weather, time], toolChoice: 'required', seed })
      const [call] = callsOf(parts)
      expect(call?.name === 'get_weather' ? isPlace(call.text) : JSON.parse(call?.text ?? '')).toBeTruthy()
      expect([textOf(parts), parts[1]?.type, call?.id]).toEqual(['', 'tool_call', expect.stringMatching(/^call_[0-9a-f]{32}$/)])
      expect(parts.at(-1)).toMatchObject({ type: 'end', finishReason: 'tool_calls' })
    }
    const [named] = callsOf(await partsOf(subject, { tools: [weather, time], toolChoice: { name: 'get_weather_now' } }))
    expect([named?.name, typeof (JSON.parse(named?.text ?? '{}') as { exact?: unknown }).exact]).toEqual(['get_weather_now', 'boolean'])
  })

  it('are seen where the model begins them, one after the other, or one only', async () => {
    const subject = calling
    const parts = await partsOf(subject, { tools: [weather, time], seed: 5 })
    const calls = callsOf(parts)
    expect(calls.length).toBeGreaterThan(2)
    for (const { name, text } of calls.slice(0, -1)) expect(name === 'get_weather' ? isPlace(text) : JSON.parse(text)).toBeTruthy()
    expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length)
    expect(textOf(parts)).toBe('')
    const one = await partsOf(subject, { tools: [weather, time], parallelToolCalls: false, seed: 5 })
    expect([callsOf(one).length, one.at(-1)]).toEqual([1, expect.objectContaining({ finishReason: 'tool_calls' })])
    expect(textOf(await partsOf(subject, { tools: [weather], toolChoice: 'none', maxTokens: 10 }))).toBe('maplemaple')
  })

  it('that a limit cuts off are no calls that were made', async () => {
    const subject = noise
    const parts = await partsOf(subject, { tools: [weather], toolChoice: 'required', maxTokens: 24 })
    expect(parts.at(-1)).toMatchObject({ type: 'end', finishReason: 'length', usage: { completionTokens: 24 } })
  })

  it('and their results are in the prompt as the family writes them, and the tools only where they are offered', async () => {
    const subject = calling
    const count = (request: Partial<ProviderChatRequest>): Promise<number | undefined> =>
      subject.provider.countTokens?.({ model: 'm', messages: hello, ...request }, { signal: soon() }) ?? Promise.resolve(undefined)
    const made = { id: 'c1', name: 'get_weather', arguments: '{"city":"Oslo","days":3}' }
    const asked: ChatMessage[] = [...hello, { role: 'assistant', content: '', toolCalls: [made] }]
    const answered: ChatMessage[] = [...asked, { role: 'tool', toolCallId: 'c1', content: 'snow, snow and snow' }]
    const [bare = 0, told = 0, called = 0, known = 0, hidden] = await Promise.all([
      count({}),
      count({ tools: [weather] }),
      count({ messages: asked }),
      count({ messages: answered }),
      count({ tools: [weather], toolChoice: 'none' }),
    ])
    expect([
      told - bare > JSON.stringify(weather).length,
      called > bare,
      known - called >= 'snow, snow and snow'.length - 'void'.length,
    ]).toEqual([true, true, true])
    expect(hidden).toBe(bare)
    expect((await partsOf(subject, { messages: answered, maxTokens: 1 })).at(-1)).toMatchObject({ usage: { promptTokens: known } })
  })
})

describe('the form of an answer', () => {
  it('is that of its schema, whatever the model', async () => {
    const subject = noise
    for (const seed of [1, 2, 3, 4]) {
      const parts = await partsOf(subject, { format: { type: 'schema', schema: place }, seed })
      expect(isPlace(textOf(parts))).toBe(true)
      expect(parts.at(-1)).toMatchObject({ finishReason: 'stop' })
    }
  })

  it('is an object where only JSON is asked for', async () => {
    const subject = noise
    const parts = await partsOf(subject, { format: { type: 'json' }, seed: 1, maxTokens: 1500 })
    const end = parts.at(-1)
    expect(textOf(parts)).toMatch(/^\{/)
    if (end?.type === 'end' && end.finishReason === 'stop') expect(JSON.parse(textOf(parts))).toBeTypeOf('object')
    else expect(end).toMatchObject({ finishReason: 'length' })
  })

  it('ends with an abort in the middle, and the next answer is its own', async () => {
    const subject = noise
    const endless = { type: 'array', items: { type: 'string', minLength: 900, maxLength: 1000 }, minItems: 5 }
    const abort = new AbortController()
    const reading = (async () => {
      for await (const part of subject.provider.chat(
        { model: 'm', messages: hello, format: { type: 'schema', schema: endless } },
        { signal: abort.signal },
      ))
        if (part.type === 'delta') abort.abort()
    })()
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' })
    expect(isPlace(textOf(await partsOf(subject, { format: { type: 'schema', schema: place } })))).toBe(true)
  })
})

describe('a request that the engine cannot carry', () => {
  const picture = [
    { type: 'text' as const, text: 'What is it?' },
    { type: 'image' as const, mediaType: 'image/png' as const, data: 'aGk=' },
  ]
  it.each([
    ['messages[0].content[1]', { messages: [{ role: 'user', content: picture }] }],
    [
      'messages[1].toolCalls[0].arguments',
      { messages: [...hello, { role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 'f', arguments: '[1]' }] }] },
    ],
    ['messages[1].toolCallId', { messages: [...hello, { role: 'tool', toolCallId: 'a', content: 'x' }] }],
    ['format.schema.properties.a.pattern', { format: { type: 'schema', schema: { properties: { a: { type: 'string', pattern: 'x' } } } } }],
    ['format', { format: { type: 'json' }, tools: [weather] }],
    ['tools[0].name', { tools: [{ name: 'get weather' }] }],
    ['tools[1].name', { tools: [weather, weather] }],
    ['tools[0].parameters.type', { tools: [{ name: 'f', parameters: { type: 'string' } }] }],
    [
      'tools[0].parameters.properties.a.pattern',
      { tools: [{ name: 'f', strict: true, parameters: { properties: { a: { type: 'string', pattern: 'x' } } } }] },
    ],
    ['toolChoice', { toolChoice: 'required' }],
    ['toolChoice.name', { tools: [weather], toolChoice: { name: 'other' } }],
    ['repeatPenalty', { repeatPenalty: 0 }],
    ['logprobs', { logprobs: 0 }],
  ] as const)('is refused with the name of the field before anything is loaded: %s', async (field, request) => {
    await using subject = await embedded({}, { installed: false })
    await expect(partsOf(subject, request as Partial<ProviderChatRequest>)).rejects.toMatchObject({
      code: 'invalid_request',
      details: { field },
    })
    await expect(
      subject.provider.countTokens?.({ model: 'm', messages: hello, ...(request as object) }, { signal: soon() }),
    ).rejects.toMatchObject({ details: { field } })
  })
})

describe('sampling', () => {
  it('is what was asked for', async () => {
    const subject = noise
    const text = async (request: Partial<ProviderChatRequest>): Promise<string> =>
      textOf(await partsOf(subject, { maxTokens: 40, seed: 7, temperature: 1.5, ...request }))
    const greedy = await text({ temperature: 0 })
    expect(await text({ topK: 1 })).toBe(greedy)
    expect(await text({ minP: 1 })).toBe(greedy)
    expect(await text({})).not.toBe(greedy)
    expect(await text({ temperature: 0, repeatPenalty: 5 })).not.toBe(greedy)
    expect(await text({ temperature: 0, presencePenalty: 2 })).not.toBe(greedy)
    expect(await text({ temperature: 0, frequencyPenalty: 2 })).not.toBe(greedy)
  })
})

describe('a prompt', () => {
  it('of many tokens is read in pieces, and what is computed of it is not computed again', async () => {
    const subject = noise
    const messages = [{ role: 'user' as const, content: 'word '.repeat(200) }]
    const first = (await partsOf(subject, { messages, maxTokens: 2 })).at(-1)
    const again = (await partsOf(subject, { messages, maxTokens: 2 })).at(-1)
    const tokens = await subject.provider.countTokens?.({ model: 'm', messages }, { signal: soon() })
    expect(tokens).toBeGreaterThan(600)
    const cached = first?.type === 'end' ? first.usage?.cachedTokens : undefined
    expect([first, (cached ?? 99) < 20]).toMatchObject([{ usage: { promptTokens: tokens } }, true])
    expect(again).toMatchObject({ usage: { promptTokens: tokens, cachedTokens: (tokens ?? 0) - 1 } })
  })
})

describe('thoughts', () => {
  it('that the template opens are told apart, and there are none where none are wanted or a form is', async () => {
    const chatTemplate =
      "{% for m in messages %}{% if m.role == 'assistant' %}assistant: <think>{{ m.content }}\n{% else %}{{ m.role }}: {{ m.content }}\n{% endif %}{% endfor %}{% if add_generation_prompt %}assistant: <think>{% endif %}{# </think> #}"
    await using subject = await embedded({ 'm.gguf': namedGguf('maple', { chatTemplate }) })
    await subject.provider.load('m', {}, { signal: AbortSignal.timeout(60_000) })
    const kinds = async (request: Partial<ProviderChatRequest>) =>
      new Set((await partsOf(subject, { maxTokens: 40, ...request })).map(({ type }) => type))
    expect(await kinds({})).toEqual(new Set(['start', 'reasoning', 'end']))
    expect(await kinds({ reasoning: false })).toEqual(new Set(['start', 'delta', 'end']))
    expect(await kinds({ format: { type: 'schema', schema: place } })).toEqual(new Set(['start', 'delta', 'end']))
    expect(await kinds({ format: { type: 'json' }, reasoning: true })).toEqual(new Set(['start', 'reasoning', 'end']))
  }, 90_000)
})
