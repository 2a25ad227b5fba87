import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Answering, AnswerWriter } from '../../src/gateway/dialect.ts'
import type { ChatPart } from '../../src/providers/provider.ts'

export const at = Date.parse('2026-03-01T10:00:00.500Z')

/** An answer whose clock goes on by 10 ms each time it is looked at. */
export function answering(): Answering {
  let now = 0
  return { model: 'tiny "a"', id: 'abc123', at, clock: () => (now += 10) }
}

export const writeAll = (writer: AnswerWriter, parts: readonly ChatPart[]): string => parts.map((part) => writer.write(part)).join('')

/** An answer that has everything. */
export const everything: readonly ChatPart[] = [
  { type: 'start', model: 'tiny' },
  { type: 'reasoning', text: 'Hm\n' },
  { type: 'delta', text: 'Hé "you"' },
  { type: 'delta', text: '\u2028😀' },
  { type: 'tool_call', index: 0, id: 'c0', name: 'weather' },
  { type: 'tool_arguments', index: 0, text: '{"place":' },
  { type: 'tool_arguments', index: 0, text: '"Bern"}' },
  { type: 'tool_call', index: 1, id: 'c1', name: 'time' },
  { type: 'end', finishReason: 'tool_calls', usage: { promptTokens: 29, completionTokens: 10, cachedTokens: 4 } },
]

interface Recorded {
  readonly chunks?: readonly string[]
  readonly json?: unknown
}

const root = new URL('../../src/testing/recorded/', import.meta.url).pathname

/** What a real engine answered. */
export const recorded = (file: string): Recorded => (JSON.parse(readFileSync(join(root, file), 'utf8')) as { response: Recorded }).response

/** The keys of a value with their types; of a list the first member. */
export function shapeOf(value: unknown, without: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0], without)]
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  const entries = Object.entries(value).filter(([key]) => !without.includes(key))
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, shapeOf(one, without)]))
}

/** Values of the lines or events of a stream; `[DONE]` stays as it is. */
export const piecesOf = (stream: string): unknown[] =>
  stream
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^data: /, ''))
    .map((data) => (data === '[DONE]' ? data : (JSON.parse(data) as unknown)))
