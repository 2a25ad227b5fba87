import { describe, expect, it } from 'vitest'
import { anthropicMessages } from '../../../src/gateway/anthropic/index.ts'
import type { Fields } from '../../../src/gateway/dialect.ts'
import { answering, answerOf, type Ending, eventsOf, type Piece, wholeParts } from './served.ts'

const end = (over: Partial<Ending> = {}): Ending => ({ type: 'end', finishReason: 'stop', ...over })
const text = (one: string): Piece => ({ type: 'delta', text: one })
const thought = (one: string): Piece => ({ type: 'reasoning', text: one })
const call = (index: number, name: string): Piece => ({ type: 'tool_call', index, id: `c${index}`, name })
const given = (index: number, one: string): Piece => ({ type: 'tool_arguments', index, text: one })

/** The events as objects; the name of each is its type. */
function eventsIn(pieces: readonly Piece[], ending: Ending = end(), body: Fields = {}): Fields[] {
  const written = eventsOf(wholeParts(pieces, ending), body).join('')
  return written
    .split('\n\n')
    .filter((one) => one !== '')
    .map((one) => {
      const [, name, data] = /^event: (\w+)\ndata: ([^\n]+)$/.exec(one) ?? expect.fail(`no event: ${one}`)
      const value: Fields = JSON.parse(data ?? '')
      expect(value.type).toBe(name)
      return value
    })
}

const between = (pieces: readonly Piece[], ending?: Ending, body?: Fields): Fields[] => eventsIn(pieces, ending, body).slice(1, -2)
const started = (index: number, content_block: Fields): Fields => ({ type: 'content_block_start', index, content_block })
const delta = (index: number, one: Fields): Fields => ({ type: 'content_block_delta', index, delta: one })
const stopped = (index: number): Fields => ({ type: 'content_block_stop', index })
const textBlock = { type: 'text', text: '' }
const toolBlock = (index: number, name: string): Fields => ({ type: 'tool_use', id: `c${index}`, name, input: {} })
const input = (index: number, partial_json: string): Fields => delta(index, { type: 'input_json_delta', partial_json })

describe('a streamed message', () => {
  it('starts and ends as every one does, also when nothing was said', () => {
    expect(eventsIn([])).toEqual([
      {
        type: 'message_start',
        message: {
          id: 'msg_abc123',
          type: 'message',
          role: 'assistant',
          model: 'qwen3:8b',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 },
        },
      },
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 0 } },
      { type: 'message_stop' },
    ])
  })

  it('has a block for what was thought, for the text and for each call', () => {
    const pieces = [
      thought('h'),
      thought('m'),
      text('So'),
      text(' "x"\n\u2028'),
      call(0, 'f'),
      given(0, '{"a"'),
      given(0, ':1}'),
      call(1, 'g'),
      given(1, '{}'),
    ]
    expect(between(pieces)).toEqual([
      started(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'h' }),
      delta(0, { type: 'thinking_delta', thinking: 'm' }),
      delta(0, { type: 'signature_delta', signature: '' }),
      stopped(0),
      started(1, textBlock),
      delta(1, { type: 'text_delta', text: 'So' }),
      delta(1, { type: 'text_delta', text: ' "x"\n\u2028' }),
      stopped(1),
      started(2, toolBlock(0, 'f')),
      input(2, '{"a"'),
      input(2, ':1}'),
      stopped(2),
      started(3, toolBlock(1, 'g')),
      input(3, '{}'),
      stopped(3),
    ])
  })

  it('writes nothing for an empty piece', () => {
    expect(between([text(''), thought(''), text('a'), text('')])).toEqual([
      started(0, textBlock),
      delta(0, { type: 'text_delta', text: 'a' }),
      stopped(0),
    ])
  })

  it('keeps calls whose arguments come mixed in blocks one after the other', () => {
    const pieces = [call(0, 'f'), call(1, 'g'), given(1, '{"b"'), given(0, '{"a":'), given(1, ':2}'), given(0, '1}'), text('Done.')]
    expect(between(pieces)).toEqual([
      started(0, toolBlock(0, 'f')),
      input(0, '{"a":'),
      input(0, '1}'),
      stopped(0),
      started(1, toolBlock(1, 'g')),
      input(1, '{"b":2}'),
      stopped(1),
      started(2, textBlock),
      delta(2, { type: 'text_delta', text: 'Done.' }),
      stopped(2),
    ])
  })

  it('takes no arguments for a call that has ended', () => {
    expect(() => eventsIn([call(0, 'f'), given(0, '{}'), text('x'), given(0, '{}')])).toThrow('arguments of a call')
  })

  it('does not show what was thought where the client asks so', () => {
    const body = { thinking: { type: 'adaptive', display: 'omitted' } }
    expect(between([thought('hm'), text('a')], end(), body)).toEqual([
      started(0, textBlock),
      delta(0, { type: 'text_delta', text: 'a' }),
      stopped(0),
    ])
    expect(wholeOf([thought('hm')], end(), body).content).toEqual([])
  })
})

const wholeOf = (pieces: readonly Piece[], ending: Ending, body: Fields = {}): Fields =>
  anthropicMessages.whole(answering, body, answerOf(pieces, ending)) as Fields

describe('the end of an answer', () => {
  const calls = [call(0, 'f'), given(0, '{}')]
  it.each<[string, Ending['finishReason'], Piece[]]>([
    ['end_turn', 'stop', [text('a')]],
    ['end_turn', 'other', []],
    ['max_tokens', 'length', calls],
    ['tool_use', 'tool_calls', calls],
    ['tool_use', 'stop', calls],
  ])('is called %s for %s', (word, finishReason, pieces) => {
    const ending = end({ finishReason })
    expect(eventsIn(pieces, ending).at(-2)?.delta).toEqual({ stop_reason: word, stop_sequence: null })
    expect(wholeOf(pieces, ending)).toMatchObject({ stop_reason: word, stop_sequence: null })
  })

  it.each([
    [
      { promptTokens: 10, completionTokens: 3, cachedTokens: 4 },
      { input_tokens: 6, cache_creation_input_tokens: 0, cache_read_input_tokens: 4, output_tokens: 3 },
    ],
    [{ promptTokens: 10 }, { input_tokens: 10, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 }],
    [{ completionTokens: 3 }, { output_tokens: 3 }],
  ])('tells of %j what is known', (usage, words) => {
    expect(eventsIn([], end({ usage })).at(-2)?.usage).toEqual(words)
    expect(wholeOf([], end({ usage })).usage).toMatchObject(words)
  })
})

describe('a whole message', () => {
  it('has its blocks in order', () => {
    const pieces = [thought('hm'), text('So'), call(0, 'f'), given(0, '{"a":1}'), call(1, 'g')]
    expect(wholeOf(pieces, end())).toEqual({
      id: 'msg_abc123',
      type: 'message',
      role: 'assistant',
      model: 'qwen3:8b',
      content: [
        { type: 'thinking', thinking: 'hm', signature: '' },
        { type: 'text', text: 'So' },
        { type: 'tool_use', id: 'c0', name: 'f', input: { a: 1 } },
        { type: 'tool_use', id: 'c1', name: 'g', input: {} },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 },
    })
  })

  it('fails for arguments that are no object, but not for those that the limit cut', () => {
    const pieces = [call(0, 'f'), given(0, '{"a":')]
    expect(() => wholeOf(pieces, end())).toThrow('no JSON object')
    expect(wholeOf(pieces, end({ finishReason: 'length' }))).toMatchObject({ stop_reason: 'max_tokens', content: [{ input: {} }] })
  })
})
