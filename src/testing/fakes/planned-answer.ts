/**
 * What a fake engine answers: what a test scripted; else a call of a tool where tools are offered and none has been
 * called yet, JSON of the wanted form where one is wanted, and tokens that name the model for everything else.
 */
import { type FakeModel, type FakeShelf, type Scripted, type Token, tokensOf } from './fake-models.ts'
import { exampleOf } from './schema-example.ts'

export interface PlannedCall {
  readonly id: string
  readonly name: string
  readonly arguments: object
}

export interface Planned {
  readonly calls: readonly PlannedCall[]
  readonly finish: 'stop' | 'length' | 'tool_calls'
  /** Tokens of it. */
  readonly count: number
  /** At their pace, until the caller leaves. */
  pieces(pacing: { signal: AbortSignal; tokensPerSecond?: number | undefined }): AsyncIterable<Token>
}

/** Of a request, whatever its dialect. */
export interface Wanted {
  /** Most tokens; what is scripted or has a form is whole without it. */
  readonly limit: number | undefined
  readonly tools: readonly { readonly name: string; readonly parameters?: unknown }[]
  /** Name of the tool that has to be called. */
  readonly named?: string | undefined
  /** A tool has answered already. */
  readonly answered: boolean
  /** Absent: free text. */
  readonly schema?: unknown
  readonly thinks: boolean
}

const usualCount = 8
const pieceChars = 8
let callsMade = 0

export function planAnswer(shelf: FakeShelf, model: FakeModel, wanted: Wanted): Planned {
  const scripted = shelf.script.shift() ?? usualAnswer(wanted)
  if (!scripted) return freeText(model, wanted)
  const { thoughts = '', text = '', calls = [] } = scripted
  const all = [...piecesOf(thoughts, true), ...piecesOf(text, false)].map((piece, index) => ({ ...piece, index }))
  const said = all.slice(0, wanted.limit ?? all.length)
  const cut = said.length < all.length
  return {
    calls: cut ? [] : calls.map((call) => ({ ...call, id: `call_fake${++callsMade}` })),
    finish: cut ? 'length' : calls.length > 0 ? 'tool_calls' : 'stop',
    count: said.length + calls.length,
    pieces: ({ signal }) => untilLeft(said, signal),
  }
}

/** An answer to nothing. */
export const nothingPlanned: Planned = { calls: [], finish: 'length', count: 0, async *pieces() {} }

/** The words of it, all at once, and the tokens that they are made of. */
export async function wordsOf(planned: Planned, signal: AbortSignal): Promise<{ content: string; thoughts: string; tokens: string[] }> {
  const said = { content: '', thoughts: '', tokens: [] as string[] }
  for await (const { text, thought } of planned.pieces({ signal })) {
    said[thought ? 'thoughts' : 'content'] += text
    said.tokens.push(text)
  }
  return said
}

function usualAnswer({ tools, named, answered, schema }: Wanted): Scripted | undefined {
  const tool = tools.find(({ name }) => name === named) ?? tools[0]
  if (tool && !answered) return { calls: [{ name: tool.name, arguments: exampleOf(tool.parameters) as object }] }
  return schema === undefined ? undefined : { text: JSON.stringify(exampleOf(schema)) }
}

function freeText(model: FakeModel, { limit = usualCount, thinks }: Wanted): Planned {
  const speaking = { ...model, reasoning: thinks && model.reasoning === true }
  return { calls: [], finish: 'length', count: limit, pieces: (pacing) => tokensOf(speaking, { count: limit, ...pacing }) }
}

const piecesOf = (text: string, thought: boolean): { text: string; thought: boolean }[] =>
  (text.match(new RegExp(`[^]{1,${pieceChars}}`, 'gu')) ?? []).map((piece) => ({ text: piece, thought }))

async function* untilLeft(pieces: readonly Token[], signal: AbortSignal): AsyncGenerator<Token> {
  for (const piece of pieces) if (!signal.aborted) yield piece
}
