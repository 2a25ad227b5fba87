/** What the last bytes of an answer say that is handed on unread: did it end as its dialect ends, and how many tokens did it have? */
import type { Usage } from '../contract/index.ts'
import type { Dialect } from './dialect.ts'

const marks: Record<Dialect['name'], RegExp> = {
  openai: /data: ?\[DONE\]\s*$/,
  anthropic: /"type" ?: ?"message_stop"/,
  ollama: /"done" ?: ?true/,
}

/** The engine said itself what went wrong: an error as the last event or line. */
const errorAtEnd = /(?:^|\n)(?:data: ?)?\{"(?:error|type" ?: ?"error)"|(?:^|\n)event: ?error/

export const endsWell = (dialect: Dialect['name'], tail: string): boolean => marks[dialect].test(tail)
/** The last event or line is complete. */
export const endsWhole = (type: Dialect['streamType'], tail: string): boolean =>
  (type === 'text/event-stream' ? /\r?\n\r?\n$/ : /\n$/).test(tail)
export const endsInError = (tail: string): boolean => errorAtEnd.test(tail)

/** Events of `/v1/responses` after which none comes (platform.openai.com/docs/api-reference/responses-streaming). */
const lastEvent = /\n(?:event: ?|data: ?\{"type" ?: ?")response\.(?:completed|incomplete|failed)["\r\n]/
const longestEventHead = 64

/** Such a stream has no mark behind that event, which has the whole answer in it again and may be long. */
export interface LastEvent {
  add(piece: Buffer): void
  readonly came: boolean
}

export function createLastEvent(): LastEvent {
  let before = '\n'
  let came = false
  return {
    add(piece) {
      if (came) return
      const text = before + piece.toString('latin1')
      came = lastEvent.test(text)
      before = text.slice(-longestEventHead)
    },
    get came() {
      return came
    },
  }
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

/** The last bytes of what came in pieces. */
export interface Tail {
  add(piece: Buffer): void
  text(): string
}

const keptBytes = 4096

export function createTail(): Tail {
  let last: Buffer = Buffer.alloc(0)
  return {
    add(piece) {
      last = piece.length >= keptBytes ? piece : Buffer.concat([last.subarray(Math.max(0, last.length + piece.length - keptBytes)), piece])
    },
    text: () => last.toString('latin1', Math.max(0, last.length - keptBytes)),
  }
}
