/** What the last bytes of an answer say that is handed on unread: did it end as its dialect ends, and how many tokens did it have? */
import type { Usage } from '../contract/index.ts'
import type { Dialect } from './dialect.ts'

const marks: Record<Dialect['name'], RegExp> = {
  openai: /data: ?\[DONE\]\s*$/,
  anthropic: /"type" ?: ?"message_stop"/,
  ollama: /"done" ?: ?true/,
}

const errorAtEnd = /(?:^|\n)(?:(?:data: ?)?(\{"(?:error|type" ?: ?"error)".*)|event: ?error\r?\ndata: ?(.*))/

/** The last event of `/v1/responses` has the whole answer in it: its mark may stand far before its end. */
const responsesMarks = ['completed', 'incomplete', 'failed'].map((how) => `"type":"response.${how}"`)

export const marksWithin = (path: string): readonly string[] => (path === '/v1/responses' ? responsesMarks : [])
export const endsWell = (dialect: Dialect['name'], tail: string): boolean => marks[dialect].test(tail)
/** Of an answer that is not streamed. */
export const endsAsJson = (tail: string): boolean => /[}\]]\s*$/.test(tail)
/** The last event or line is complete. */
export const endsWhole = (type: Dialect['streamType'], tail: string): boolean =>
  (type === 'text/event-stream' ? /\r?\n\r?\n$/ : /\n$/).test(tail)

/** The engine said itself what went wrong: the text of the error that is its last event or line. */
export function errorIn(tail: string): string | undefined {
  const found = errorAtEnd.exec(tail)
  return found?.[1] ?? found?.[2]
}

const counts = {
  prompt: /"(?:prompt_tokens|input_tokens|prompt_eval_count|prompt_n)" ?: ?(\d{1,9})\b/g,
  completion: /"(?:completion_tokens|output_tokens|eval_count|predicted_n)" ?: ?(\d{1,9})\b/g,
}

/** Only what it says: absent where it does not. */
export function usageIn(tail: string): Usage {
  const [promptTokens, completionTokens] = [lastOf(counts.prompt, tail), lastOf(counts.completion, tail)]
  return { ...(promptTokens !== undefined && { promptTokens }), ...(completionTokens !== undefined && { completionTokens }) }
}

function lastOf(shape: RegExp, text: string): number | undefined {
  let found: string | undefined
  shape.lastIndex = 0
  for (let match = shape.exec(text); match; match = shape.exec(text)) found = match[1]
  return found === undefined ? undefined : Number(found)
}

/** The last bytes of what came in pieces, and before them the beginning of a last line that is longer. */
export interface Tail {
  add(piece: Buffer): void
  text(): string
  /** One of the marks that it looks for has come. */
  readonly marked: boolean
}

const keptBytes = 4096
/** The mark may stand before what is long: Ollama's `/api/generate` ends with the numbers of all tokens (`context`). */
const keptOfLine = 2048
const newline = 10
const longestMark = 64
const nothing: Buffer = Buffer.alloc(0)

export interface TailOptions {
  /** Is one of these within it? */
  readonly marks?: readonly string[]
  /** The beginning of a last line that is long is kept as well. */
  readonly lines?: boolean
}

export function createTail({ marks = [], lines = false }: TailOptions = {}): Tail {
  const window = createWindow()
  const line = createLastLine()
  let marked = false
  return {
    add(piece) {
      if (piece.length === 0) return
      if (marks.length > 0 && !marked) {
        const since = Buffer.concat([window.last(longestMark), piece])
        marked = marks.some((mark) => since.includes(mark))
      }
      window.add(piece)
      if (lines) line.add(piece)
    },
    get marked() {
      return marked
    },
    text: () => line.beginning() + window.last(keptBytes).toString('latin1'),
  }
}

/** Most answers come in one piece, which is not copied; of a stream the last pieces lie in a place of its own. */
function createWindow(): { add(piece: Buffer): void; last(bytes: number): Buffer } {
  let place = nothing
  let length = 0
  let own = false
  /** What is still wanted moves to the front. */
  const makeRoom = (): void => {
    const wanted = place.subarray(Math.max(0, length - keptBytes), length)
    if (!own) place = Buffer.allocUnsafeSlow(2 * keptBytes)
    own = true
    wanted.copy(place)
    length = wanted.length
  }
  return {
    add(piece) {
      if (length === 0 || piece.length >= keptBytes) {
        place = piece
        length = piece.length
        own = false
        return
      }
      if (!own || length + piece.length > place.length) makeRoom()
      piece.copy(place, length)
      length += piece.length
    },
    last: (bytes) => place.subarray(Math.max(0, length - bytes), length),
  }
}

/** What a last line begins with that is longer than the window. */
function createLastLine(): { add(piece: Buffer): void; beginning(): string } {
  let line = nothing
  let lineBytes = 0
  let lineEnded = true
  return {
    add(piece) {
      // A newline as the last byte ends the last line and begins no other.
      const begin = piece.lastIndexOf(newline, -2) + 1
      if (begin > 0 || lineEnded) [line, lineBytes] = [nothing, 0]
      const more = piece.subarray(begin)
      if (line.length < keptOfLine) line = Buffer.concat([line, more.subarray(0, keptOfLine - line.length)])
      lineBytes += more.length
      lineEnded = more.at(-1) === newline
    },
    beginning: () => (lineBytes > keptBytes ? line.toString('latin1') : ''),
  }
}
