import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NeutralChat } from '../../../src/gateway/dialect.ts'
import { openaiChat } from '../../../src/gateway/openai/index.ts'
import { bodyWith, refusalOf, refusedField } from '../asking.ts'
import { inNeutralForm, jsonObject, messagesWith, overTheWire, perhaps, sampling, textOrParts, toolsWith } from '../neutral-chats.ts'
import { openaiBody, weather } from './openai-body.ts'

const base = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }
const plain: NeutralChat = { messages: [{ role: 'user', content: 'Hi' }] }
const pixel = Buffer.from('\x89PNG\r\n\x1a\n....', 'latin1').toString('base64')

const rest = perhaps({
  parallelToolCalls: fc.boolean(),
  format: fc.oneof(
    fc.constant({ type: 'json' as const }),
    fc.record(
      { type: fc.constant('schema' as const), schema: jsonObject, name: fc.string({ maxLength: 20 }), strict: fc.boolean() },
      { requiredKeys: ['type', 'schema'] },
    ),
  ),
  reasoning: fc.constantFrom(true, false, 'low' as const, 'medium' as const, 'high' as const),
})

/** A choice needs tools. */
const tools = toolsWith({ strict: fc.boolean() }).chain((some) =>
  fc
    .constantFrom(undefined, 'auto' as const, 'none' as const, 'required' as const, ...some.map(({ name }) => ({ name })))
    .map((toolChoice) => ({ tools: some, ...(toolChoice !== undefined && { toolChoice }) })),
)

const chats = fc
  .tuple(messagesWith(textOrParts), fc.option(tools, { nil: {} }), rest, sampling)
  .map(([messages, ...more]) => Object.assign({ messages }, ...more) as NeutralChat)

describe('a chat in OpenAI words', () => {
  it('is the same chat again', () => {
    fc.assert(
      fc.property(chats, fc.boolean(), (chat, stream) => {
        const asked = openaiChat.parse(overTheWire({ ...openaiBody(chat), stream }))
        expect(inNeutralForm(asked.chat)).toStrictEqual(overTheWire(chat))
        expect(asked.stream).toBe(stream)
      }),
      { numRuns: 300 },
    )
  })

  it('streams only when told to', () => expect(openaiChat.parse(base)).toStrictEqual({ chat: plain, stream: false }))
  it('null is the same as nothing', () => {
    const nulls = Object.fromEntries(
      Object.keys(openaiChat.fields)
        .filter((name) => !name.includes('.') && name !== 'messages')
        .map((name) => [name, null]),
    )
    expect(openaiChat.parse({ ...nulls, ...base })).toStrictEqual({ chat: plain, stream: false })
  })
})

const call = { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{}' } }
const saying = (over: object) => ({ messages: [{ role: 'assistant', content: 'Hi', ...over }] })
const said = (over: object) => ({ messages: [{ role: 'assistant', content: 'Hi', ...over }] })
const tool = { type: 'function', function: weather }
const kept = (over: Partial<NeutralChat>) => ({ ...plain, ...over })

/** What each carried field becomes: body to chat. `model`, `stream` and the asking for usage are not in the chat. */
const carried: Record<string, readonly [object, object]> = {
  model: [{ model: 'other' }, plain],
  messages: [{}, plain],
  'messages[].role': [{ messages: [{ role: 'developer', content: 'Hi' }] }, { messages: [{ role: 'system', content: 'Hi' }] }],
  'messages[].content': [{ messages: [{ role: 'user', content: 'Ho' }] }, { messages: [{ role: 'user', content: 'Ho' }] }],
  'messages[].content[].text': [
    { messages: [{ role: 'user', content: [{ type: 'text', text: 'Ho' }] }] },
    { messages: [{ role: 'user', content: [{ type: 'text', text: 'Ho' }] }] },
  ],
  'messages[].content[].image_url': [
    { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}`, detail: 'low' } }] }] },
    { messages: [{ role: 'user', content: [{ type: 'image', mediaType: 'image/png', data: pixel }] }] },
  ],
  'messages[].name': [
    { messages: [{ role: 'tool', tool_call_id: 'c1', name: 'weather', content: '1' }] },
    { messages: [{ role: 'tool', toolCallId: 'c1', name: 'weather', content: '1' }] },
  ],
  'messages[].tool_calls': [saying({ tool_calls: [call] }), said({ toolCalls: [{ id: 'c1', name: 'weather', arguments: '{}' }] })],
  'messages[].tool_call_id': [
    { messages: [{ role: 'tool', tool_call_id: 'c1', content: '1' }] },
    { messages: [{ role: 'tool', toolCallId: 'c1', content: '1' }] },
  ],
  'messages[].reasoning_content': [saying({ reasoning_content: 'Hm' }), said({ reasoning: 'Hm' })],
  'messages[].reasoning': [saying({ reasoning: 'Hm' }), said({ reasoning: 'Hm' })],
  'messages[].refusal': [saying({ content: null, refusal: 'No' }), said({ content: 'No' })],
  stream: [{ stream: true }, plain],
  'stream_options.include_usage': [{ stream_options: { include_usage: true } }, plain],
  tools: [{ tools: [tool] }, kept({ tools: [weather] })],
  tool_choice: [{ tools: [tool], tool_choice: 'required' }, kept({ tools: [weather], toolChoice: 'required' })],
  parallel_tool_calls: [{ parallel_tool_calls: false }, kept({ parallelToolCalls: false })],
  response_format: [{ response_format: { type: 'json_object' } }, kept({ format: { type: 'json' } })],
  max_tokens: [{ max_tokens: 7 }, kept({ maxTokens: 7 })],
  max_completion_tokens: [{ max_completion_tokens: 8, max_tokens: 7 }, kept({ maxTokens: 8 })],
  temperature: [{ temperature: 0 }, kept({ temperature: 0 })],
  top_p: [{ top_p: 0.5 }, kept({ topP: 0.5 })],
  top_k: [{ top_k: 5 }, kept({ topK: 5 })],
  min_p: [{ min_p: 0.1 }, kept({ minP: 0.1 })],
  frequency_penalty: [{ frequency_penalty: -1 }, kept({ frequencyPenalty: -1 })],
  presence_penalty: [{ presence_penalty: 1 }, kept({ presencePenalty: 1 })],
  repeat_penalty: [{ repeat_penalty: 1.1 }, kept({ repeatPenalty: 1.1 })],
  repetition_penalty: [{ repetition_penalty: 1.2 }, kept({ repeatPenalty: 1.2 })],
  seed: [{ seed: 3 }, kept({ seed: 3 })],
  stop: [{ stop: 'END' }, kept({ stop: ['END'] })],
  reasoning_effort: [{ reasoning_effort: 'none' }, kept({ reasoning: false })],
  logprobs: [{ logprobs: true }, kept({ logprobs: 0 })],
  top_logprobs: [{ logprobs: true, top_logprobs: 20 }, kept({ logprobs: 20 })],
  'reasoning.effort': [{ reasoning: { effort: 'high' } }, kept({ reasoning: 'high' })],
  'chat_template_kwargs.enable_thinking': [{ chat_template_kwargs: { enable_thinking: false } }, kept({ reasoning: false })],
}

const named = (fate: string): string[] =>
  Object.entries(openaiChat.fields)
    .filter(([, one]) => one === fate)
    .map(([name]) => name)

describe('every field of the table', () => {
  it('that is carried has its proof here', () => expect(Object.keys(carried).sort()).toEqual(named('carried').sort()))
  it.each(Object.entries(carried))('%s is carried', (_, [body, chat]) =>
    expect(openaiChat.parse({ ...base, ...body }).chat).toStrictEqual(chat),
  )

  it.each(named('ignored').filter((name) => !name.includes('[]')))('%s changes nothing', (name) => {
    const before = name.startsWith('response_format')
      ? { ...base, response_format: { type: 'json_schema', json_schema: { schema: {} } } }
      : base
    expect(openaiChat.parse(bodyWith(before, name, 'something'))).toStrictEqual(openaiChat.parse(before))
  })

  it.each(named('refused').filter((name) => !name.includes('[]')))('%s is refused by its name', (name) =>
    expect(refusedField(() => openaiChat.parse(bodyWith(base, name, { a: 1 })))).toBe(name),
  )
  it.each(named('refused').filter((name) => !name.includes('[]')))('%s that asks for nothing is not', (name) => {
    for (const nothing of [null, false, 0, '', [], {}]) expect(openaiChat.parse({ ...base, [name]: nothing }).chat).toStrictEqual(plain)
  })
  it.each(named('refused').filter((name) => name.includes('[]')))('%s is refused where it stands', (name) => {
    const key = name.split('.').at(-1) ?? ''
    const part = name.includes('content[]')
    const message = part ? { role: 'user', content: [{ type: key, [key]: { a: 1 } }] } : { role: 'assistant', content: '', [key]: { a: 1 } }
    expect(refusedField(() => openaiChat.parse({ messages: [message] }))).toBe(
      part ? `messages[0].content[0].${key}` : `messages[0].${key}`,
    )
  })
})

describe('values that ask for what is done anyway', () => {
  it.each([
    { n: 1 },
    { modalities: ['text'] },
    { verbosity: 'medium' },
    { max_tokens: -1 },
    { seed: -1 },
    { top_k: -1 },
    { stop: [''] },
    { tools: [], tool_choice: 'auto' },
    { tool_choice: 'none' },
    { logprobs: false, top_logprobs: 0 },
  ])('%j', (over) => expect(openaiChat.parse({ ...base, ...over }).chat).toStrictEqual(plain))
  it.each([null, [], undefined])('an assistant that only called a tool has no text: %j', (content) =>
    expect(openaiChat.parse(saying({ content, tool_calls: [call] })).chat.messages[0]).toMatchObject({ content: '' }),
  )
  it('a form of text is none, a schema without a schema is JSON, llama.cpp has one in json_object', () => {
    const form = (response_format: unknown) => openaiChat.parse({ ...base, response_format }).chat.format
    expect(form({ type: 'text' })).toBeUndefined()
    expect(form({ type: 'json_schema', json_schema: { name: 'x' } })).toEqual({ type: 'json' })
    expect(form({ type: 'json_object', schema: { type: 'object' } })).toEqual({ type: 'schema', schema: { type: 'object' } })
  })
})

const user = (content: unknown) => ({ messages: [{ role: 'user', content }] })
const calling = (over: object) => ({ messages: [{ role: 'assistant', content: null, tool_calls: [{ ...call, ...over }] }] })

describe('what cannot be read is refused, and the field named', () => {
  it.each<[string, object]>([
    ['messages', { messages: undefined }],
    ['messages', { messages: [] }],
    ['messages', { messages: 'Hi' }],
    ['messages', { messages: new Array(4097).fill({ role: 'user', content: '' }) }],
    ['messages[0]', { messages: ['Hi'] }],
    ['messages[0].role', { messages: [{ content: 'Hi' }] }],
    ['messages[0].role', { messages: [{ role: 'function', content: 'Hi' }] }],
    ['messages[0].content', user(undefined)],
    ['messages[0].content', user(null)],
    ['messages[0].content', user(7)],
    ['messages[0].content', user({ type: 'text' })],
    ['messages[0].content', user([])],
    ['messages[0].content[0]', user(['Hi'])],
    ['messages[0].content[1].type', user([{ type: 'text', text: '' }, { type: 'video' }])],
    ['messages[0].content[0].text', user([{ type: 'text' }])],
    ['messages[0].content[0].image_url', user([{ type: 'image_url' }])],
    ['messages[0].content[0].image_url.url', user([{ type: 'image_url', image_url: {} }])],
    ['messages[0].content[0].image_url', user([{ type: 'image_url', image_url: { url: 'data:image/bmp;base64,AAAA' } }])],
    ['messages[0].content[0].image_url', user([{ type: 'image_url', image_url: { url: 'data:image/png;base64,A*AA' } }])],
    ['messages[0].tool_call_id', { messages: [{ role: 'tool', content: '1' }] }],
    ['messages[0].tool_calls[0].id', calling({ id: undefined })],
    ['messages[0].tool_calls[0].type', calling({ type: 'custom' })],
    ['messages[0].tool_calls[0].function', calling({ function: undefined })],
    ['messages[0].tool_calls[0].function.name', calling({ function: { name: '', arguments: '' } })],
    ['messages[0].tool_calls[0].function.arguments', calling({ function: { name: 'f', arguments: {} } })],
    ['messages[0].reasoning_content', saying({ reasoning_content: [] })],
    ['tools', { tools: {} }],
    ['tools[0].type', { tools: [{ type: 'custom', custom: { name: 'f' } }] }],
    ['tools[0].function.name', { tools: [{ type: 'function', function: {} }] }],
    ['tools[0].function.parameters', { tools: [{ type: 'function', function: { name: 'f', parameters: [] } }] }],
    ['tool_choice', { tool_choice: 'any' }],
    ['tool_choice', { tool_choice: 'required' }],
    ['tool_choice', { tools: [tool], tool_choice: { type: 'function', function: { name: 'other' } } }],
    ['tool_choice.type', { tools: [tool], tool_choice: { type: 'allowed_tools' } }],
    ['response_format', { response_format: 'json' }],
    ['response_format.type', { response_format: { type: 'grammar' } }],
    ['response_format.json_schema', { response_format: { type: 'json_schema' } }],
    ['n', { n: 2 }],
    ['modalities', { modalities: ['text', 'audio'] }],
    ['max_tokens', { max_tokens: 0 }],
    ['max_tokens', { max_tokens: 1.5 }],
    ['max_tokens', { max_tokens: 1e300 }],
    ['temperature', { temperature: '0.5' }],
    ['temperature', { temperature: -0.1 }],
    ['seed', { seed: -2 }],
    ['logprobs', { logprobs: 5 }],
    ['top_logprobs', { top_logprobs: 3 }],
    ['top_logprobs', { logprobs: false, top_logprobs: 3 }],
    ['top_logprobs', { logprobs: true, top_logprobs: 21 }],
    ['top_logprobs', { logprobs: true, top_logprobs: -1 }],
    ['top_logprobs', { logprobs: true, top_logprobs: true }],
    ['stop', { stop: 5 }],
    ['stop', { stop: ['x'.repeat(1025)] }],
    ['stop', { stop: new Array(17).fill('x') }],
    ['stop[1]', { stop: ['x', 5] }],
    ['stream', { stream: 'true' }],
    ['stream_options', { stream_options: true }],
    ['reasoning_effort', { reasoning_effort: 'much' }],
    ['chat_template_kwargs.thinking', { chat_template_kwargs: { thinking: false } }],
  ])('%s of %j', (field, over) => expect(refusedField(() => openaiChat.parse({ ...base, ...over }))).toBe(field))

  it('an image elsewhere, because images are never fetched', () => {
    const error = refusalOf(() => openaiChat.parse(user([{ type: 'image_url', image_url: { url: 'https://example.org/?key=hidden' } }])))
    expect(error.message).toContain('Images are never fetched.')
    expect(error.message).not.toContain('hidden')
    expect(error.details).toEqual({ field: 'messages[0].content[0].image_url' })
  })

  it('a prompt is not repeated in the message', () => {
    const secret = 'x'.repeat(200)
    expect(refusalOf(() => openaiChat.parse({ ...base, tool_choice: secret })).message).toContain('a text of 200 characters')
  })
})
