import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatMessage } from '../../../src/contract/index.ts'
import type { ChatDialect, NeutralChat } from '../../../src/gateway/dialect.ts'
import { ollamaChat, ollamaGenerate } from '../../../src/gateway/ollama/index.ts'
import { bodyWith, refusedField } from '../asking.ts'
import { image, inNeutralForm, jsonObject, messagesWith, overTheWire, perhaps, sampling, someText, toolsWith } from '../neutral-chats.ts'
import { imagesAndText, ollamaBody, sharedBody } from './ollama-body.ts'

/** What Ollama can say: images, then text. */
const content: fc.Arbitrary<ChatMessage['content']> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .tuple(fc.array(image, { minLength: 1, maxLength: 3 }), fc.option(someText, { nil: undefined }))
    .map(([images, text]) => (text === undefined ? images : [...images, { type: 'text' as const, text }])),
)
const rest = perhaps({
  format: fc.oneof(
    fc.constant({ type: 'json' as const }),
    jsonObject.map((schema) => ({ type: 'schema' as const, schema })),
  ),
  reasoning: fc.constantFrom(true, false, 'low' as const, 'medium' as const, 'high' as const),
})
const chats = fc
  .tuple(messagesWith(content), perhaps({ tools: toolsWith({}) }), rest, sampling)
  .map(([messages, ...more]) => Object.assign({ messages }, ...more) as NeutralChat)
const prompts = fc
  .tuple(content, fc.string({ maxLength: 20 }), rest, sampling)
  .filter(([said]) => said !== '')
  .map(([said, system, ...more]) => {
    const messages = [...(system === '' ? [] : [{ role: 'system', content: system }]), { role: 'user', content: said }]
    return Object.assign({ messages }, ...more) as NeutralChat
  })

function generateBody(chat: NeutralChat): Record<string, unknown> {
  const said = imagesAndText(chat.messages.at(-1)?.content ?? '')
  return {
    prompt: said.content,
    images: said.images,
    system: chat.messages.length > 1 ? chat.messages[0]?.content : undefined,
    ...sharedBody(chat),
  }
}

describe("a chat in Ollama's words", () => {
  it.each<[string, ChatDialect, fc.Arbitrary<NeutralChat>, (chat: NeutralChat) => object]>([
    ['/api/chat', ollamaChat, chats, ollamaBody],
    ['/api/generate', ollamaGenerate, prompts, generateBody],
  ])('is the same chat again: %s', (_, dialect, arbitrary, bodyOf) => {
    fc.assert(
      fc.property(arbitrary, fc.boolean(), (chat, stream) => {
        const asked = dialect.parse(overTheWire({ ...bodyOf(chat), stream }))
        expect(inNeutralForm(asked.chat)).toStrictEqual(overTheWire(chat))
        expect(asked.stream).toBe(stream)
      }),
      { numRuns: 200 },
    )
  })
})

const messages = [{ role: 'user', content: 'Hi' }]
const plain: NeutralChat = { messages: [{ role: 'user', content: 'Hi' }] }
const pixel = Buffer.from('\x89PNG\r\n\x1a\n....', 'latin1').toString('base64')
const seen = {
  messages: [
    {
      role: 'user',
      content: [
        { type: 'image', mediaType: 'image/png', data: pixel },
        { type: 'text', text: 'Hi' },
      ],
    },
  ],
}
const kept = (over: object) => ({ ...plain, ...over })
const call = { id: 'c1', function: { name: 'f', arguments: { a: 1 } } }
const called = { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'f', arguments: '{"a":1}' }] }
const calls = { role: 'assistant', content: '', tool_calls: [call] }

type Proofs = Record<string, readonly [object, object]>
const options = (key: string, value: unknown, chat: object) => ({
  [`options.${key}`]: [{ options: { [key]: value } }, kept(chat)] as const,
})
const shared: Proofs = {
  model: [{ model: 'other' }, plain],
  stream: [{ stream: false }, plain],
  format: [{ format: 'json' }, kept({ format: { type: 'json' } })],
  think: [{ think: 'max' }, kept({ reasoning: 'high' })],
  logprobs: [{ logprobs: true }, kept({ logprobs: 0 })],
  top_logprobs: [{ logprobs: true, top_logprobs: 20 }, kept({ logprobs: 20 })],
  ...options('num_predict', 7, { maxTokens: 7 }),
  ...options('temperature', 0, { temperature: 0 }),
  ...options('top_p', 0.5, { topP: 0.5 }),
  ...options('top_k', 5, { topK: 5 }),
  ...options('min_p', 0.1, { minP: 0.1 }),
  ...options('frequency_penalty', -1, { frequencyPenalty: -1 }),
  ...options('presence_penalty', 1, { presencePenalty: 1 }),
  ...options('repeat_penalty', 1.1, { repeatPenalty: 1.1 }),
  ...options('seed', 3, { seed: 3 }),
  ...options('stop', ['END'], { stop: ['END'] }),
}
const ofChat: Proofs = {
  ...shared,
  messages: [{}, plain],
  'messages[].role': [{ messages: [{ role: 'system', content: 'Hi' }] }, { messages: [{ role: 'system', content: 'Hi' }] }],
  'messages[].content': [{ messages: [{ role: 'user', content: 'Ho' }] }, { messages: [{ role: 'user', content: 'Ho' }] }],
  'messages[].images': [{ messages: [{ role: 'user', content: 'Hi', images: [pixel] }] }, seen],
  'messages[].thinking': [
    { messages: [{ role: 'assistant', content: 'Hi', thinking: 'Hm' }] },
    { messages: [{ role: 'assistant', content: 'Hi', reasoning: 'Hm' }] },
  ],
  'messages[].tool_calls': [{ messages: [calls] }, { messages: [called] }],
  'messages[].tool_call_id': [
    { messages: [{ role: 'tool', content: '1', tool_call_id: 'c9' }] },
    { messages: [{ role: 'tool', content: '1', toolCallId: 'c9' }] },
  ],
  'messages[].tool_name': [
    { messages: [calls, { role: 'tool', content: '1', tool_name: 'f' }] },
    { messages: [called, { role: 'tool', content: '1', name: 'f', toolCallId: 'c1' }] },
  ],
  tools: [{ tools: [{ type: 'function', function: { name: 'f' } }] }, kept({ tools: [{ name: 'f' }] })],
}
const ofGenerate: Proofs = {
  ...shared,
  prompt: [{ prompt: 'Ho' }, { messages: [{ role: 'user', content: 'Ho' }] }],
  system: [{ system: 'Be.' }, { messages: [{ role: 'system', content: 'Be.' }, ...messages] }],
  images: [{ images: [pixel] }, seen],
}

const named = (dialect: ChatDialect, fate: string): string[] =>
  Object.entries(dialect.fields)
    .filter(([, one]) => one === fate)
    .map(([name]) => name)

describe.each<[string, ChatDialect, Proofs, Record<string, unknown>]>([
  ['/api/chat', ollamaChat, ofChat, { model: 'm', messages }],
  ['/api/generate', ollamaGenerate, ofGenerate, { model: 'm', prompt: 'Hi' }],
])('every field of the table of %s', (_, dialect, proofs, base) => {
  it('that is carried has its proof here', () => expect(Object.keys(proofs).sort()).toEqual(named(dialect, 'carried').sort()))
  it.each(Object.entries(proofs))('%s is carried', (_, [body, chat]) =>
    expect(dialect.parse({ ...base, ...body }).chat).toStrictEqual(chat),
  )
  it.each(named(dialect, 'ignored'))('%s changes nothing', (name) =>
    expect(dialect.parse(bodyWith(base, name, 'something'))).toStrictEqual({ chat: plain, stream: true }),
  )
  it.each(named(dialect, 'refused'))('%s is refused by its name, unless it asks for nothing', (name) => {
    expect(refusedField(() => dialect.parse(bodyWith(base, name, ['x'])))).toBe(name)
    for (const nothing of [null, false, 0, '', []]) expect(dialect.parse(bodyWith(base, name, nothing)).chat).toStrictEqual(plain)
  })
  it.each([
    { options: null },
    { options: { num_predict: -1, seed: -1, stop: [] } },
    { options: { num_predict: -2, repeat_last_n: 64, typical_p: 1 } },
    { format: '', tools: [], think: null, images: [] },
    { logprobs: false, top_logprobs: 3 },
  ])('%j asks for nothing', (over) => expect(dialect.parse({ ...base, ...over })).toStrictEqual({ chat: plain, stream: true }))

  it.each<[string, object]>([
    ['options', { options: 'fast' }],
    ['options.temperature', { options: { temperature: 'hot' } }],
    ['options.num_predict', { options: { num_predict: -3 } }],
    ['options.num_predict', { options: { num_predict: 1e300 } }],
    ['options.seed', { options: { seed: 0.5 } }],
    ['options.stop[0]', { options: { stop: [1] } }],
    ['options.repeat_last_n', { options: { repeat_last_n: -1 } }],
    ['format', { format: 'yaml' }],
    ['format', { format: ['json'] }],
    ['think', { think: 'a lot' }],
    ['logprobs', { logprobs: 1 }],
    ['top_logprobs', { logprobs: true, top_logprobs: 21 }],
    ['top_logprobs', { top_logprobs: -1 }],
    ['stream', { stream: 'no' }],
  ])('%s is named where it cannot be: %j', (field, over) => expect(refusedField(() => dialect.parse({ ...base, ...over }))).toBe(field))
})

const user = (over: object) => ({ messages: [{ role: 'user', content: 'Hi', ...over }] })

describe('what cannot be read is refused, and the field named', () => {
  it.each<[string, object]>([
    ['messages', {}],
    ['messages', { messages: [] }],
    ['messages[0]', { messages: [null] }],
    ['messages[0].role', { messages: [{ content: 'Hi' }] }],
    ['messages[0].role', { messages: [{ role: 'developer', content: 'Hi' }] }],
    ['messages[0].content', user({ content: [{ type: 'text', text: 'Hi' }] })],
    ['messages[0].images', user({ images: pixel })],
    ['messages[0].images[0]', user({ images: [`data:image/png;base64,${pixel}`] })],
    ['messages[0].images[1]', user({ images: [pixel, Buffer.from('BM......').toString('base64')] })],
    ['messages[0].images[0]', user({ images: ['https://example.org/cat.png'] })],
    ['messages[0].images[0]', user({ images: [''] })],
    ['messages[0].images[0]', user({ images: [{ data: pixel }] })],
    ['messages[0].tool_calls[0].function', { messages: [{ role: 'assistant', tool_calls: [{ name: 'f' }] }] }],
    ['messages[0].tool_calls[0].function.name', { messages: [{ role: 'assistant', tool_calls: [{ function: {} }] }] }],
    [
      'messages[0].tool_calls[0].function.arguments',
      { messages: [{ role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: '{}' } }] }] },
    ],
    ['messages[0]', { messages: [{ role: 'tool', content: '1' }] }],
    ['messages[1]', { messages: [calls, { role: 'tool', content: '1', tool_name: 'g' }] }],
  ])('%s of %j', (field, body) => expect(refusedField(() => ollamaChat.parse(body as never))).toBe(field))

  it('a prompt that is nothing', () => expect(refusedField(() => ollamaGenerate.parse({ prompt: '' }))).toBe('prompt'))
})

describe('calls without ids, as older clients have them', () => {
  const asks = (...names: string[]) => ({
    role: 'assistant',
    content: '',
    tool_calls: names.map((name) => ({ function: { name, arguments: {} } })),
  })
  const ids = (...list: object[]) =>
    ollamaChat.parse({ messages: list }).chat.messages.flatMap((one): unknown[] => {
      if (one.role === 'tool') return [one.toolCallId]
      return one.role === 'assistant' ? [one.toolCalls?.map(({ id }) => id)] : []
    })
  const tells = (tool_name?: string) => ({ role: 'tool', content: '1', ...(tool_name && { tool_name }) })

  it('are answered in their order', () =>
    expect(ids(asks('f', 'g'), tells(), tells())).toEqual([['call_0_0', 'call_0_1'], 'call_0_0', 'call_0_1']))
  it('are answered by the name of their tool', () =>
    expect(ids(asks('f', 'g', 'f'), tells('g'), tells('f'), tells('f'))).toEqual([
      ['call_0_0', 'call_0_1', 'call_0_2'],
      'call_0_1',
      'call_0_0',
      'call_0_2',
    ]))
  it('of a later turn are others', () =>
    expect(ids(asks('f'), tells('f'), asks('f'), tells('f'))).toEqual([['call_0_0'], 'call_0_0', ['call_2_0'], 'call_2_0']))
})
