/** How probable tokens were, asked of an engine and read from it, in OpenAI's dialect. */
import { describe, expect, it } from 'vitest'
import { createAnswerReading, type Expected } from '../../../src/providers/openai-chat/answer-reading.ts'
import { plainWire, requestBody, type Wire } from '../../../src/providers/openai-chat/index.ts'
import type { ChatPart, ProviderChatRequest } from '../../../src/providers/provider.ts'

const hello = [{ role: 'user' as const, content: 'Hello' }]
const bodyOf = (over: Partial<ProviderChatRequest>, logprobs: Wire['logprobs'] = 'always') =>
  requestBody({ model: 'm', messages: hello, ...over }, 'm', { label: 'It', ...plainWire, logprobs })
const refused = expect.objectContaining({ code: 'invalid_request', details: { field: 'logprobs' } }) as never

describe('a request', () => {
  it.each([
    [0, 1],
    [1, 1],
    [20, 20],
  ])('for %d alternatives asks for %d, because none can mean that nothing is told', (logprobs, top_logprobs) =>
    expect(bodyOf({ logprobs })).toMatchObject({ logprobs: true, top_logprobs }),
  )

  it('for nothing says nothing', () => {
    for (const field of ['logprobs', 'top_logprobs']) expect(bodyOf({})).not.toHaveProperty(field)
  })

  const tools = [{ name: 'f' }]
  it('is refused where the engine would not tell', () => {
    expect(() => bodyOf({ logprobs: 0 }, 'never')).toThrow(refused)
    expect(() => bodyOf({ logprobs: 0, tools }, 'without-tools')).toThrow(refused)
    expect(bodyOf({ logprobs: 0, tools, toolChoice: 'none' }, 'without-tools')).toMatchObject({ logprobs: true })
    expect(bodyOf({ logprobs: 0 }, 'without-tools')).toMatchObject({ logprobs: true })
    expect(bodyOf({ logprobs: 0, tools })).toMatchObject({ logprobs: true })
    expect(bodyOf({ tools }, 'never')).not.toHaveProperty('logprobs')
  })
})

/** What one chunk adds after the start. */
function read(delta: object, logprobs: unknown, asked: Partial<Expected> = { logprobs: 2 }): ChatPart[] {
  const reading = createAnswerReading({ label: 'It' }, { nameOf: (name) => name, ...asked })
  const choice = { index: 0, delta, logprobs, finish_reason: null }
  return reading.take({ data: JSON.stringify({ model: 'm', choices: [choice] }), error: false }).slice(1)
}

const heard = { token: 'Hi', logprob: -0.5, bytes: [72, 105] }
const other = { token: 'Ho', logprob: -2 }
const told = { content: [{ ...heard, top_logprobs: [heard, other, other] }] }
const logprobs = [{ ...heard, top: [heard, other] }]

describe('a chunk', () => {
  it.each<[string, object, ChatPart[]]>([
    ['text', { content: 'Hi' }, [{ type: 'delta', text: 'Hi', logprobs }]],
    ['a thought', { reasoning_content: 'Hi' }, [{ type: 'reasoning', text: 'Hi', logprobs }]],
    [
      'both',
      { reasoning: 'Hm', content: 'Hi' },
      [
        { type: 'reasoning', text: 'Hm' },
        { type: 'delta', text: 'Hi', logprobs },
      ],
    ],
    ['neither', { content: '' }, [{ type: 'delta', text: '', logprobs }]],
    [
      'a call',
      { tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '{}' } }] },
      [
        { type: 'delta', text: '', logprobs },
        { type: 'tool_call', index: 0, id: 'c', name: 'f' },
        { type: 'tool_arguments', index: 0, text: '{}' },
      ],
    ],
  ])('with %s has them beside it, and no more alternatives than were asked for', (_, delta, parts) =>
    expect(read(delta, told)).toEqual(parts),
  )

  it('may have a member for the id of a token, bytes that are null, and no alternatives', () => {
    const content = [
      { id: 7, token: 'a', logprob: -1, bytes: null },
      { token: '', logprob: 0, bytes: [], top_logprobs: null },
    ]
    expect(read({ content: 'a' }, { content })).toEqual([
      {
        type: 'delta',
        text: 'a',
        logprobs: [
          { token: 'a', logprob: -1, top: [] },
          { token: '', logprob: 0, bytes: [], top: [] },
        ],
      },
    ])
  })

  it.each([null, undefined, { content: null }, { content: [] }, {}])('without them is as any other: %j', (none) =>
    expect(read({ content: 'Hi' }, none)).toStrictEqual([{ type: 'delta', text: 'Hi' }]),
  )

  it.each([told, 'nonsense'])('that tells them unasked is as any other: %j', (unasked) =>
    expect(read({ content: 'Hi' }, unasked, {})).toStrictEqual([{ type: 'delta', text: 'Hi' }]),
  )

  it.each([
    [],
    'x',
    { content: {} },
    { content: [null] },
    { content: [{ token: 5, logprob: -1 }] },
    { content: [{ token: 'a' }] },
    { content: [{ token: 'a', logprob: '-1' }] },
    { content: [{ token: 'a', logprob: -1, bytes: [256] }] },
    { content: [{ token: 'a', logprob: -1, bytes: 'a' }] },
    { content: [{ token: 'a', logprob: -1, top_logprobs: {} }] },
    { content: [{ token: 'a', logprob: -1, top_logprobs: [{ token: 'b' }] }] },
  ])('with something else in their place is no answer: %j', (broken) =>
    expect(() => read({ content: 'a' }, broken)).toThrow(expect.objectContaining({ code: 'provider_protocol' }) as never),
  )

  it('a number beyond all numbers is none', () => {
    const reading = createAnswerReading({ label: 'It' }, { nameOf: (name) => name, logprobs: 0 })
    const data = '{"choices":[{"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":-1e999}]}}]}'
    expect(() => reading.take({ data, error: false })).toThrow('Expected a token and a number')
  })
})
