import { Stream } from '@anthropic-ai/sdk/streaming'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLineFeed } from '../../src/platform/lines.ts'
import { streamChat as ollamaChat } from '../../src/providers/ollama/chat.ts'
import type { Ollama } from '../../src/providers/ollama/ollama.ts'
import { createEventReader, type EngineEvent } from '../../src/providers/openai-chat/event-reader.ts'
import { type Engine, streamChat as openaiChat } from '../../src/providers/openai-chat/index.ts'
import type { ChatPart } from '../../src/providers/provider.ts'
import { notAborted, recording } from '../providers/openai-chat/scripted-engine.ts'
import { splitEverywhere } from '../support/split-everywhere.ts'
import { eventsOf } from './anthropic/served.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)

/** An engine that answers with these pieces, without a socket. */
function answering(pieces: readonly Uint8Array[], type: string): Engine {
  const body = (async function* () {
    yield* pieces
  })()
  const http = { stream: async () => ({ status: 200, headers: { 'content-type': type }, body }) }
  return { http: http as unknown as Engine['http'], label: 'The engine', auth: {} }
}

async function gathered<Part>(parts: AsyncIterable<Part>): Promise<Part[]> {
  const all: Part[] = []
  for await (const part of parts) all.push(part)
  return all
}

const throughOpenai = (pieces: readonly Uint8Array[]): Promise<ChatPart[]> => {
  const engine = answering(pieces, 'text/event-stream')
  return gathered(
    openaiChat({ engine, path: '/v1/chat/completions', body: () => ({}), model: 'm', nameOf: (name) => name }, { signal: notAborted() }),
  )
}

const throughOllama = (pieces: readonly Uint8Array[]): Promise<ChatPart[]> => {
  const ollama = { engine: answering(pieces, 'application/x-ndjson') } as unknown as Ollama
  return gathered(ollamaChat(ollama, { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }, { signal: notAborted() }))
}

const textOf = (made: unknown): string =>
  (made as { made: ChatPart[] }).made.map((part) => (part.type === 'delta' ? part.text : '')).join('')

const recorded = (path: string): string => (recording(path).response.chunks ?? []).join('')

const chunk = (delta: object, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ model: 'm', choices: [{ index: 0, delta, finish_reason }] })}`
const openaiLines = [
  ': waiting',
  '',
  chunk({ role: 'assistant', reasoning_content: 'hm 漢字' }),
  '',
  chunk({ content: 'grüße ' }),
  '',
  'event: message',
  chunk({ content: '🌍 \u2028\ufeff' }),
  'id: 7',
  '',
  chunk({ content: '.' }, 'stop'),
  '',
  `data: ${JSON.stringify({ model: 'm', choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } })}`,
  '',
  'data: [DONE]',
  '',
  '',
]

describe('lines and events', () => {
  it('a reader that sees where bytes are cut would be found', async () => {
    const careless = (pieces: readonly Uint8Array[]): string => pieces.map((piece) => Buffer.from(piece).toString()).join('')
    await expect(splitEverywhere(bytes('aü'), careless)).rejects.toThrow('cut at 2')
  })

  it('are the same wherever their bytes are cut', async () => {
    const read = (pieces: readonly Uint8Array[]): EngineEvent[] => {
      const [lines, events] = [createLineFeed(), createEventReader()]
      const all = [...pieces.flatMap((piece) => lines.push(piece)), lines.end() ?? '', '']
      return all.map((line) => events.line(line)).filter((event) => event !== undefined)
    }
    const made = await splitEverywhere(
      bytes('\ufeffdata: a\r\ndata:  ü\r\n\r\n:x\nevent: error\ndata:🌍\n\nerror: {}\r\n\r\n{"error":1}'),
      read,
    )
    expect(made).toEqual({
      made: [
        { data: 'a\n ü', error: false },
        { data: '🌍', error: true },
        { data: '{}', error: true },
        { data: '{"error":1}', error: true },
      ],
    })
  })
})

describe("an engine's answer in OpenAI's dialect", () => {
  it.each([
    ['LF', '\n'],
    ['CR LF', '\r\n'],
  ])('is the same wherever its bytes are cut: %s', async (_, end) => {
    expect(textOf(await splitEverywhere(bytes(openaiLines.join(end)), throughOpenai))).toBe('grüße 🌍 \u2028\ufeff.')
  })

  it.each(['llama-server/0c1e570/12-v1-chat-stream.json', 'ollama/0.32.15/50-v1-chat-stream.json'])(
    'as it was recorded: %s',
    async (path) => {
      expect(textOf(await splitEverywhere(bytes(recorded(path)), throughOpenai))).not.toBe('')
    },
  )

  it('fails the same way: an error in it, an end that is missing, JSON that is damaged', async () => {
    const begun = `${chunk({ content: 'ü' })}\n\n`
    for (const [rest, code] of [
      ['data: {"error":{"message":"out of memory 漢"}}\n\n', 'out_of_memory'],
      ['', 'provider_protocol'],
      ['data: {"choices":\n\n', 'provider_protocol'],
    ])
      expect(await splitEverywhere(bytes(begun + rest), throughOpenai)).toMatchObject({ failed: code })
  })

  it('is the same for texts and places that nobody thought of', async () => {
    const words = fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }), { maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(words, fc.array(fc.nat(), { maxLength: 8 }), async (texts, places) => {
        const stream = [...texts.map((content) => chunk({ content })), chunk({}, 'stop'), 'data: [DONE]', ''].join('\n\n')
        expect(textOf(await splitEverywhere(bytes(stream), throughOpenai, places))).toBe(texts.join(''))
      }),
      { numRuns: 8 },
    )
  })
})

describe("an engine's answer in Ollama's own dialect", () => {
  const piece = (message: object, more: object = {}): string =>
    JSON.stringify({ model: 'm', message: { role: 'assistant', ...message }, ...more })
  const last = piece({ content: '' }, { done: true, done_reason: 'stop', prompt_eval_count: 3, eval_count: 4 })
  const lines = [piece({ content: '', thinking: 'hm 漢字' }), piece({ content: 'grüße ' }), piece({ content: '🌍' }), last, '']

  it.each([
    ['LF', '\n'],
    ['CR LF', '\r\n'],
  ])('is the same wherever its bytes are cut: %s', async (_, end) => {
    expect(textOf(await splitEverywhere(bytes(lines.join(end)), throughOllama))).toBe('grüße 🌍')
  })

  it('as it was recorded', async () => {
    expect(textOf(await splitEverywhere(bytes(recorded('ollama/0.32.15/28-chat-stream.json')), throughOllama))).not.toBe('')
  })

  it('fails the same way: an error as a line, an end that is missing, JSON that is damaged', async () => {
    const begun = `${piece({ content: 'ü' })}\n`
    for (const [rest, code] of [
      ['{"error":"out of memory 漢"}\n', 'out_of_memory'],
      ['', 'provider_protocol'],
      ['{"message":\n', 'provider_protocol'],
    ])
      expect(await splitEverywhere(bytes(begun + rest), throughOllama)).toMatchObject({ failed: code })
  })
})

describe("our answer in Anthropic's dialect, as its own client reads it", () => {
  it('is the same wherever its bytes are cut', async () => {
    const written = eventsOf([
      { type: 'start' },
      { type: 'reasoning', text: 'hm 漢字' },
      { type: 'delta', text: 'grüße 🌍 \u2028\ufeff' },
      { type: 'tool_call', index: 0, id: 'c', name: 'look' },
      { type: 'tool_arguments', index: 0, text: '{"at":"ü"}' },
      { type: 'end', finishReason: 'tool_calls', usage: { promptTokens: 3, completionTokens: 4 } },
    ])
    const read = (pieces: readonly Uint8Array[]): Promise<unknown[]> => {
      const body = ReadableStream.from(pieces) as unknown as ReadableStream<Uint8Array>
      return gathered(Stream.fromSSEResponse(new Response(body), new AbortController()))
    }
    const { made } = (await splitEverywhere(bytes(written.join('')), read)) as { made: { type: string }[] }
    expect(made.map(({ type }) => type).filter((type) => type !== 'content_block_delta')).toEqual([
      'message_start',
      ...[1, 2, 3].flatMap(() => ['content_block_start', 'content_block_stop']),
      'message_delta',
      'message_stop',
    ])
  })
})
