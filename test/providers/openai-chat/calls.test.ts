import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gatherParts, type ModelyardError } from '../../../src/contract/index.ts'
import { createAnswerReading } from '../../../src/providers/openai-chat/answer-reading.ts'
import type { ChatPart } from '../../../src/providers/provider.ts'

type Fragment = Record<string, unknown>

const call = (name: string | undefined, written: unknown, more: Fragment = {}): Fragment => ({
  ...more,
  type: 'function',
  function: { ...(name !== undefined && { name }), arguments: written },
})

/** The parts of an answer whose chunks have these fragments, and that ends with that word. */
function read(chunks: readonly (readonly Fragment[])[], finish = 'tool_calls'): ChatPart[] {
  const reading = createAnswerReading({ label: 'The engine' }, { nameOf: (name) => name })
  const take = (choice: object): ChatPart[] => reading.take({ data: JSON.stringify({ model: 'm', choices: [choice] }), error: false })
  const parts = chunks.flatMap((fragments) => take({ index: 0, delta: { tool_calls: fragments }, finish_reason: null }))
  return [...parts, ...take({ index: 0, delta: {}, finish_reason: finish }), ...reading.end()]
}

function callsIn(parts: readonly ChatPart[]) {
  const gathering = gatherParts()
  for (const part of parts) if (part.type !== 'start' && part.type !== 'end') gathering.add(part)
  return gathering.toolCalls()
}

const a = { id: 'call_a', name: 'weather', arguments: '{"city":"Köln"}' }
const b = { id: 'call_b', name: 'weather', arguments: '{"city":"Bonn"}' }

describe('calls of tools come in fragments', () => {
  it.each<[string, Fragment[][]]>([
    [
      'by index, the name once',
      [
        [call('weather', '', { index: 0, id: 'call_a' })],
        [call(undefined, '{"city":', { index: 0 })],
        [call('weather', '', { index: 1, id: 'call_b' })],
        [call(undefined, '"Köln"}', { index: 0 }), call(undefined, b.arguments, { index: 1 })],
      ],
    ],
    [
      'with id and name repeated in each',
      [
        [call('weather', '{"city":', { index: 0, id: 'call_a' })],
        [call('weather', '"Köln"}', { index: 0, id: 'call_a' })],
        [call('weather', b.arguments, { index: 1, id: 'call_b' })],
      ],
    ],
    [
      'whole, in one chunk',
      [[call('weather', a.arguments, { index: 0, id: 'call_a' }), call('weather', b.arguments, { index: 1, id: 'call_b' })]],
    ],
    [
      'whole, each with index 0',
      [[call('weather', a.arguments, { index: 0, id: 'call_a' })], [call('weather', b.arguments, { index: 0, id: 'call_b' })]],
    ],
    [
      'without an index',
      [[call('weather', '{"city":', { id: 'call_a' })], [call(undefined, '"Köln"}')], [call('weather', b.arguments, { id: 'call_b' })]],
    ],
    [
      'by id alone, in turns',
      [
        [call('weather', '', { id: 'call_a' })],
        [call('weather', '{"city"', { id: 'call_b' })],
        [call(undefined, a.arguments, { id: 'call_a' })],
        [call(undefined, ':"Bonn"}', { id: 'call_b' })],
      ],
    ],
    [
      'with arguments as an object',
      [[call('weather', { city: 'Köln' }, { index: 0, id: 'call_a' }), call('weather', { city: 'Bonn' }, { index: 1, id: 'call_b' })]],
    ],
    [
      'with the name after the first arguments',
      [
        [call(undefined, '{"city":', { index: 0, id: 'call_a' })],
        [call('weather', '"Köln"}', { index: 0 })],
        [call('weather', b.arguments, { index: 1, id: 'call_b' })],
      ],
    ],
  ])('%s', (_, chunks) => {
    const parts = read(chunks)
    expect(callsIn(parts)).toEqual([a, b])
    expect(parts.at(-1)).toMatchObject({ type: 'end', finishReason: 'tool_calls' })
    expect(parts.filter(({ type }) => type === 'start')).toHaveLength(1)
  })

  it('without ids, which are made, each once', () => {
    const calls = callsIn(read([[call('weather', a.arguments, { index: 0 })], [call('weather', b.arguments, { index: 1 })]]))
    expect(calls.map(({ name, arguments: written }) => [name, written])).toEqual([
      ['weather', a.arguments],
      ['weather', b.arguments],
    ])
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2)
    for (const { id } of calls) expect(id).toMatch(/^call_[0-9a-f]+$/)
  })

  it('without index and id: a name begins a call, unless the last one is not complete', () => {
    const chunks = [[call('weather', '{"city":')], [call('weather', '"Köln"}')], [call('weather', b.arguments)], [call('time', '')]]
    expect(callsIn(read(chunks)).map(({ name, arguments: written }) => [name, written])).toEqual([
      ['weather', a.arguments],
      ['weather', b.arguments],
      ['time', '{}'],
    ])
  })

  it('however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ name: fc.string({ minLength: 1, maxLength: 20 }), value: fc.jsonValue() }), { minLength: 1, maxLength: 5 }),
        fc.nat({ max: 9 }),
        (wanted, size) => {
          const written = wanted.map(({ value }) => JSON.stringify({ value }))
          const chunks = wanted.flatMap(({ name }, index) => [
            [call(name, '', { index, id: `id${index}` })],
            ...(written[index]?.match(new RegExp(`[^]{1,${size + 1}}`, 'gu')) ?? []).map((text) => [call(undefined, text, { index })]),
          ])
          expect(callsIn(read(chunks))).toEqual(wanted.map(({ name }, index) => ({ id: `id${index}`, name, arguments: written[index] })))
        },
      ),
    )
  })

  it('and end the answer as calls, though the engine says that it just stopped; not where it was cut', () => {
    const chunks = [[call('weather', a.arguments, { index: 0, id: 'call_a' })]]
    expect(read(chunks, 'stop').at(-1)).toMatchObject({ finishReason: 'tool_calls' })
    expect(read(chunks, 'length').at(-1)).toMatchObject({ finishReason: 'length' })
    expect(read([], 'stop').at(-1)).toMatchObject({ finishReason: 'stop' })
  })

  it.each<[string, Fragment[][]]>([
    ['a call without a name', [[call(undefined, '{}', { index: 0, id: 'x' })]]],
    ['a name without end', [[call('x'.repeat(300), '{}', { index: 0 })]]],
    ['a number for the name', [[{ index: 0, function: { name: 7 } }]]],
    ['no object', [[null as unknown as Fragment]]],
    ['calls without end', [Array.from({ length: 1025 }, (_, index) => call('x', '{}', { index }))]],
  ])('refused: %s', (_, chunks) => {
    expect(() => read(chunks)).toThrow(expect.objectContaining<Partial<ModelyardError>>({ code: 'provider_protocol' }))
  })
})

describe('what an engine counted', () => {
  const ended = (chunk: object) => {
    const reading = createAnswerReading({ label: 'The engine' }, { nameOf: (name) => name })
    reading.take({ data: JSON.stringify({ choices: [{ delta: { content: 'a' }, finish_reason: 'stop' }] }), error: false })
    reading.take({ data: JSON.stringify({ choices: [], ...chunk }), error: false })
    return reading.end().at(-1)
  }

  it.each([
    [{ usage: { prompt_tokens: 9, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 8 } } }, 8],
    [{ usage: { prompt_tokens: 9, completion_tokens: 1 }, timings: { cache_n: 7, prompt_n: 2, predicted_n: 1 } }, 7],
    [{ timings: { cache_n: 7, prompt_n: 2, predicted_n: 1 } }, 7],
    [{ usage: { prompt_tokens: 9, completion_tokens: 1, prompt_tokens_details: null } }, undefined],
  ])('tells what of the prompt was there already: %j', (chunk, cachedTokens) => {
    expect(ended(chunk)).toMatchObject({
      usage: { promptTokens: 9, completionTokens: 1, ...(cachedTokens !== undefined && { cachedTokens }) },
    })
  })
})
