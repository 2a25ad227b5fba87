import { describe, expect, it } from 'vitest'
import type { ModelyardError } from '../../../src/contract/index.ts'
import { plainWire, requestBody, type Wire } from '../../../src/providers/openai-chat/index.ts'
import type { ProviderChatRequest } from '../../../src/providers/provider.ts'

const plain: Wire = { label: 'It', ...plainWire }
const local: Wire = {
  ...plain,
  sampling: true,
  repeatPenalty: 'repeat_penalty',
  templateThinking: true,
  thoughtsBack: true,
  namedTool: false,
}
const hello = [{ role: 'user' as const, content: 'Hello' }]
const bodyOf = (over: Partial<ProviderChatRequest>, wire = plain) => requestBody({ model: 'm', messages: hello, ...over }, 'm', wire)
const weather = { name: 'weather', description: 'Tells it', parameters: { type: 'object', properties: {} }, strict: true }
const time = { name: 'time' }

const refusalOf = (over: Partial<ProviderChatRequest>, wire = plain): unknown => {
  try {
    return bodyOf(over, wire)
  } catch (error) {
    const { code, details } = error as ModelyardError
    return [code, details?.field]
  }
}

describe('tools in the dialect', () => {
  it('are functions with what they take', () => {
    expect(bodyOf({ tools: [weather, time], toolChoice: 'required', parallelToolCalls: false })).toMatchObject({
      tools: [
        { type: 'function', function: weather },
        { type: 'function', function: { name: 'time', parameters: { type: 'object', properties: {} } } },
      ],
      tool_choice: 'required',
      parallel_tool_calls: false,
    })
    expect(Object.keys(bodyOf({ tools: [time] }))).not.toContain('tool_choice')
  })

  it('are left out where none is to be called', () => {
    const body = bodyOf({ tools: [weather], toolChoice: 'none', parallelToolCalls: false })
    for (const field of ['tools', 'tool_choice', 'parallel_tool_calls']) expect(body).not.toHaveProperty(field)
  })

  it('one by name is demanded as such, or is the only one where names are not taken', () => {
    const over = { tools: [weather, time], toolChoice: { name: 'time' } }
    expect(bodyOf(over).tool_choice).toEqual({ type: 'function', function: { name: 'time' } })
    expect(bodyOf(over, local)).toMatchObject({ tools: [{ function: { name: 'time' } }], tool_choice: 'required' })
    expect(bodyOf(over, local).tools).toHaveLength(1)
  })

  it('a choice without its tool is refused', () => {
    expect(refusalOf({ tools: [time], toolChoice: { name: 'weather' } })).toEqual(['invalid_request', 'toolChoice.name'])
    expect(refusalOf({ toolChoice: 'required' })).toEqual(['invalid_request', 'toolChoice'])
  })

  it('their calls and results go back, thoughts only where they are taken', () => {
    const messages: ProviderChatRequest['messages'] = [
      { role: 'assistant', content: '', reasoning: 'Look.', toolCalls: [{ id: 'a', name: 'time', arguments: '{"x": 1}' }] },
      { role: 'tool', toolCallId: 'a', name: 'time', content: 'noon', failed: true },
      { role: 'tool', toolCallId: 'b', content: [{ type: 'text', text: 'x' }] },
    ]
    const assistant = {
      role: 'assistant',
      content: '',
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'time', arguments: '{"x": 1}' } }],
    }
    const results = [
      { role: 'tool', tool_call_id: 'a', name: 'time', content: 'noon' },
      { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: 'x' }] },
    ]
    expect(bodyOf({ messages }).messages).toEqual([assistant, ...results])
    expect(bodyOf({ messages }, local).messages).toEqual([{ ...assistant, reasoning_content: 'Look.' }, ...results])
  })
})

describe('the form of an answer', () => {
  const schema = { type: 'object', properties: { a: { type: 'number' } } }
  it('is a schema, or any object in the words that the engine knows', () => {
    expect(bodyOf({ format: { type: 'schema', schema, name: 'Sum', strict: true } }).response_format).toEqual({
      type: 'json_schema',
      json_schema: { name: 'Sum', schema, strict: true },
    })
    expect(bodyOf({ format: { type: 'schema', schema } }).response_format).toEqual({
      type: 'json_schema',
      json_schema: { name: 'answer', schema },
    })
    expect(bodyOf({ format: { type: 'json' } }).response_format).toEqual({ type: 'json_object' })
    expect(bodyOf({ format: { type: 'json' } }, { ...plain, jsonObject: false }).response_format).toEqual({
      type: 'json_schema',
      json_schema: { name: 'answer', schema: { type: 'object' } },
    })
  })
})

describe('sampling', () => {
  it('is passed on as far as the engine knows it, else refused by its name', () => {
    const own = { frequencyPenalty: 0.5, presencePenalty: -1 }
    expect(bodyOf(own)).toMatchObject({ frequency_penalty: 0.5, presence_penalty: -1 })
    expect(bodyOf({ topK: 4, minP: 0, repeatPenalty: 1.2 }, local)).toMatchObject({ top_k: 4, min_p: 0, repeat_penalty: 1.2 })
    expect(bodyOf({ repeatPenalty: 1.2 }, { ...local, repeatPenalty: 'repetition_penalty' })).toMatchObject({ repetition_penalty: 1.2 })
    expect(refusalOf({ topK: 4 })).toEqual(['invalid_request', 'topK'])
    expect(refusalOf({ minP: 0 })).toEqual(['invalid_request', 'minP'])
    expect(refusalOf({ repeatPenalty: 1 })).toEqual(['invalid_request', 'repeatPenalty'])
  })

  it.each([
    [undefined, local, {}],
    [false, local, { chat_template_kwargs: { enable_thinking: false } }],
    [true, local, { chat_template_kwargs: { enable_thinking: true } }],
    ['low', local, { chat_template_kwargs: { enable_thinking: true }, reasoning_effort: 'low' }],
    ['high', plain, { reasoning_effort: 'high' }],
    [false, plain, {}],
  ] as const)('thinking as asked (%s)', (reasoning, wire, fields) => {
    const { chat_template_kwargs, reasoning_effort } = bodyOf({ reasoning }, wire)
    expect({
      ...(chat_template_kwargs !== undefined && { chat_template_kwargs }),
      ...(reasoning_effort !== undefined && { reasoning_effort }),
    }).toEqual(fields)
  })
})
