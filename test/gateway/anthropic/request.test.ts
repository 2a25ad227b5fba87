import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ModelyardError } from '../../../src/contract/index.ts'
import { anthropicCount, anthropicMessages } from '../../../src/gateway/anthropic/index.ts'
import type { Fields, NeutralChat } from '../../../src/gateway/dialect.ts'
import { bodyOf, chats } from './chats.ts'

const base = { model: 'default', max_tokens: 64, messages: [{ role: 'user', content: 'Hi' }] }
const chatOf = (over: Fields): NeutralChat => anthropicMessages.parse({ ...base, ...over }).chat
const said = (...content: unknown[]): Fields => ({ messages: [{ role: 'user', content }] })
const pixel = 'iVBORw0KGgo='
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } }
const imagePart = { type: 'image', mediaType: 'image/png', data: pixel }
const toolBox = [{ name: 'f', input_schema: { type: 'object' } }]

function refusal(over: Fields): { code: string; field: unknown; message: string } {
  try {
    anthropicMessages.parse({ ...base, ...over })
  } catch (error) {
    if (!ModelyardError.is(error)) throw error
    return { code: error.code, field: error.details?.field, message: error.message }
  }
  return expect.fail('it was taken')
}

describe('a body of /v1/messages', () => {
  it('says what the neutral chat says, and nothing is lost on the way', () => {
    fc.assert(
      fc.property(chats, (chat) => {
        expect(anthropicMessages.parse(JSON.parse(JSON.stringify(bodyOf(chat)))).chat).toEqual(chat)
      }),
      { numRuns: 300 },
    )
  })

  it('streams only when asked to', () => {
    expect(anthropicMessages.parse(base).stream).toBe(false)
    expect(anthropicMessages.parse({ ...base, stream: true }).stream).toBe(true)
  })

  it('has results of tools before what the user says, with the name of the tool', () => {
    const { messages } = chatOf({
      system: [{ type: 'text', text: 'Be', cache_control: { type: 'ephemeral' } }],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Go' }] },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'look', input: { at: 1 }, caller: { type: 'direct' } }] },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'And then?' },
            { type: 'tool_result', tool_use_id: 'a', is_error: true, content: [{ type: 'text', text: 'no' }, image] },
            { type: 'tool_result', tool_use_id: 'b' },
          ],
        },
      ],
    })
    expect(messages).toEqual([
      { role: 'system', content: 'Be' },
      { role: 'user', content: 'Go' },
      { role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 'look', arguments: '{"at":1}' }] },
      { role: 'tool', toolCallId: 'a', name: 'look', failed: true, content: [{ type: 'text', text: 'no' }, imagePart] },
      { role: 'tool', toolCallId: 'b', content: '' },
      { role: 'user', content: 'And then?' },
    ])
  })

  it('has what was thought as reasoning; what is redacted is left out', () => {
    const { messages } = chatOf({
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'one', signature: 's' },
            { type: 'redacted_thinking', data: 'x' },
            { type: 'thinking', thinking: 'two', signature: 's' },
            { type: 'text', text: 'So.' },
          ],
        },
        { role: 'assistant', content: [] },
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      ],
    })
    expect(messages).toEqual([
      { role: 'assistant', content: 'So.', reasoning: 'one\n\ntwo' },
      { role: 'assistant', content: '' },
      { role: 'system', content: 'Be brief.' },
    ])
  })

  it('has documents and results of a search as texts, with what they are called', () => {
    const document = { type: 'document', title: 'T', context: 'C', citations: { enabled: false }, source: { type: 'text', data: 'body' } }
    const nested = { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'in' }, image] } }
    const found = { type: 'search_result', title: 'T', source: 'S', content: [{ type: 'text', text: 'hit' }] }
    const text = (one: string) => ({ type: 'text', text: one })
    expect(chatOf(said(document, nested, found)).messages[0]?.content).toEqual([
      ...['T\n', 'C\n', 'body', 'in'].map(text),
      imagePart,
      ...['T\n', 'S\n', 'hit'].map(text),
    ])
  })

  it.each([
    [{ thinking: { type: 'enabled', budget_tokens: 2048 } }, true],
    [{ thinking: { type: 'disabled' }, output_config: { effort: 'high' } }, false],
    [{ thinking: { type: 'adaptive' } }, undefined],
    [{ thinking: { type: 'adaptive' }, output_config: { effort: 'max' } }, 'high'],
    [{ output_config: { effort: 'low' } }, 'low'],
    [{}, undefined],
  ])('asks with %j for reasoning %j', (over, reasoning) => {
    expect(chatOf(over).reasoning).toBe(reasoning)
  })

  it('may call the form of the answer as it was called before, once', () => {
    const format = { type: 'json_schema', schema: { type: 'object' } }
    expect(chatOf({ output_format: format }).format).toEqual({ type: 'schema', schema: { type: 'object' } })
    expect(refusal({ output_format: format, output_config: { format } }).field).toBe('output_format')
  })

  it('without tools has no choice of them', () => {
    expect(chatOf({ tools: [], tool_choice: { type: 'auto' } })).not.toHaveProperty('toolChoice')
    expect(refusal({ tool_choice: { type: 'any' } }).field).toBe('tool_choice')
  })

  it('is counted without the limit of an answer', () => {
    const { max_tokens: _, ...body } = base
    expect(anthropicCount.parse(body).messages).toEqual([{ role: 'user', content: 'Hi' }])
    expect(anthropicCount.whole(7)).toEqual({ input_tokens: 7 })
    expect(() => anthropicMessages.parse(body)).toThrow('max_tokens')
  })
})

/** For each field inside a list that is refused: a body that has it. */
const inLists: Record<string, { over: Fields; field: string }> = {
  'messages[].content[].citations.enabled': {
    over: said({ type: 'document', citations: { enabled: true }, source: { type: 'text', data: '' } }),
    field: 'messages[0].content[0].citations.enabled',
  },
  'messages[].content[].source.file_id': {
    over: said({ type: 'image', source: { type: 'file', file_id: 'f' } }),
    field: 'messages[0].content[0].source.file_id',
  },
  'messages[].content[].source.url': {
    over: said({ type: 'text', text: '' }, { type: 'image', source: { type: 'url', url: 'http://127.0.0.1/x.png' } }),
    field: 'messages[0].content[1].source.url',
  },
  'tools[].type': { over: { tools: [...toolBox, { type: 'web_search_20250305', name: 'web_search' }] }, field: 'tools[1].type' },
}

const fates = Object.entries(anthropicMessages.fields)
const refused = fates.filter(([, fate]) => fate === 'refused').map(([name]) => name)
const ignored = fates.filter(([name, fate]) => fate === 'ignored' && !name.includes('.')).map(([name]) => name)

describe('a field that cannot be carried', () => {
  it.each(refused.filter((name) => !name.includes('[]')))('%s is named', (name) => {
    expect(refusal({ [name]: { any: 'thing' } })).toMatchObject({ code: 'invalid_request', field: name })
    expect(chatOf({ [name]: null })).toEqual(chatOf({}))
  })

  it.each(refused.filter((name) => name.includes('[]')))('%s is named', (name) => {
    const { over, field } = inLists[name] ?? expect.fail('no body has it')
    expect(refusal(over)).toMatchObject({ code: 'invalid_request', field })
  })

  it.each(ignored)('%s changes nothing where it is ignored', (name) => {
    expect(chatOf({ [name]: { any: ['thing'] } })).toEqual(chatOf({}))
  })

  it('images are never fetched, and the answer says so', () => {
    expect(refusal(said({ type: 'image', source: { type: 'url', url: 'http://x/' } })).message).toContain('never fetched')
  })

  it('a tool of the servers is refused by its name', () => {
    expect(refusal({ tools: [{ type: 'web_search_20250305', name: 'w' }] }).message).toContain('"web_search_20250305"')
  })
})

const deep = (levels: number): Fields => {
  let inner: Fields = {}
  for (let level = 0; level < levels; level++) inner = { a: inner }
  return inner
}
const use = (input: unknown): Fields => ({ messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input }] }] })

describe('what is no good body', () => {
  it.each<[string, Fields]>([
    ['messages', { messages: [] }],
    ['messages', { messages: 'Hi' }],
    ['messages[0]', { messages: ['Hi'] }],
    ['messages[0].role', { messages: [{ role: 'tool', content: '' }] }],
    ['messages[0].content', { messages: [{ role: 'user' }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: 7 }] }],
    ['messages[0].content', said()],
    ['messages[0].content[0].type', said({})],
    ['messages[0].content[0].type', said({ type: 'server_tool_use', id: 'a', name: 'web_search', input: {} })],
    ['messages[0].content[0].type', said({ type: 'thinking', thinking: '' })],
    ['messages[0].content[0].text', said({ type: 'text' })],
    ['messages[0].content[0].source', said({ type: 'image' })],
    ['messages[0].content[0].source', said({ type: 'image', source: { ...image.source, data: 'no base64' } })],
    ['messages[0].content[0].source', said({ type: 'image', source: { ...image.source, media_type: 'image/tiff' } })],
    ['messages[0].content[0].source.type', said({ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: '' } })],
    [
      'messages[0].content[0].source.content[0].type',
      said({ type: 'document', source: { type: 'content', content: [{ type: 'document', source: { type: 'text', data: '' } }] } }),
    ],
    ['messages[0].content[0].tool_use_id', said({ type: 'tool_result', content: '' })],
    ['messages[0].content[0].content[0].type', said({ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'tool_reference' }] })],
    ['messages[0].content[0].input', use('x')],
    ['messages[0].content[0].input', use(deep(100_000))],
    ['system[0].type', { system: [image] }],
    ['max_tokens', { max_tokens: null }],
    ['max_tokens', { max_tokens: -1 }],
    ['max_tokens', { max_tokens: 1.5 }],
    ['max_tokens', { max_tokens: 1e300 }],
    ['temperature', { temperature: '1' }],
    ['top_p', { top_p: 2 }],
    ['top_k', { top_k: -1 }],
    ['stream', { stream: 'yes' }],
    ['stop_sequences', { stop_sequences: 'x' }],
    ['stop_sequences[1]', { stop_sequences: ['x', ''] }],
    ['tools[0].name', { tools: [{ input_schema: {} }] }],
    ['tools[0].input_schema', { tools: [{ name: 'f' }] }],
    ['tool_choice.type', { tools: toolBox, tool_choice: {} }],
    ['tool_choice.name', { tools: toolBox, tool_choice: { type: 'tool', name: 'g' } }],
    ['thinking.type', { thinking: { type: 'much' } }],
    ['thinking.budget_tokens', { thinking: { type: 'enabled', budget_tokens: -5 } }],
    ['output_config.effort', { output_config: { effort: 'some' } }],
    ['output_config.format.type', { output_config: { format: { type: 'xml' } } }],
    ['output_config.format.schema', { output_config: { format: { type: 'json_schema' } } }],
  ])('%s is named', (field, over) => {
    expect(refusal(over)).toMatchObject({ code: 'invalid_request', field })
  })

  it('whatever it is, the answer is the one error', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...fates.map(([name]) => name)), fc.jsonValue()), (over) => {
        try {
          anthropicMessages.parse({ ...base, ...(over as Fields) })
        } catch (error) {
          expect(ModelyardError.is(error) && error.code).toBe('invalid_request')
        }
      }),
      { numRuns: 300 },
    )
  })
})
