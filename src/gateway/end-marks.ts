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
  const found = [...text.matchAll(shape)].at(-1)?.[1]
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

export function createTail(looksFor: readonly string[] = []): Tail {
  let last: Buffer = Buffer.alloc(0)
  let line: Buffer = Buffer.alloc(0)
  let lineBytes = 0
  let lineEnded = true
  let marked = false

  const addToLine = (piece: Buffer): void => {
    // A newline as the last byte ends the last line and begins no other.
    const begin = piece.lastIndexOf(newline, -2) + 1
    if (begin > 0 || lineEnded) [line, lineBytes] = [Buffer.alloc(0), 0]
    const more = piece.subarray(begin)
    if (line.length < keptOfLine) line = Buffer.concat([line, more.subarray(0, keptOfLine - line.length)])
    lineBytes += more.length
    lineEnded = more.at(-1) === newline
  }
  return {
    add(piece) {
      if (piece.length === 0) return
      if (looksFor.length > 0 && !marked) {
        const since = Buffer.concat([last.subarray(-longestMark), piece])
        marked = looksFor.some((mark) => since.includes(mark))
      }
      last = piece.length >= keptBytes ? piece : Buffer.concat([last.subarray(Math.max(0, last.length + piece.length - keptBytes)), piece])
      addToLine(piece)
    },
    get marked() {
      return marked
    },
    text: () => (lineBytes > keptBytes ? line.toString('latin1') : '') + last.toString('latin1', Math.max(0, last.length - keptBytes)),
  }
}
