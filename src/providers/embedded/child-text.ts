/** From tokens to text: whole characters only, nothing after a stop word, thoughts told apart from the answer. */
import type { Marks } from './child-marks.ts'
import type { LlamaModel, Token } from './llama-types.ts'

export interface Piece {
  readonly text: string
  readonly thought: boolean
}

export interface TextCutter {
  push(token: Token): Piece[]
  /** What was held back. */
  end(): Piece[]
  /** A mark has come after which this text ends: a stop word, or what begins something else. */
  readonly stopped: Stop | undefined
  /** That mark, and what came after it. */
  readonly mark: string
  readonly rest: string
}

export type Stop = 'end' | 'call' | 'form'

export interface CutterOptions {
  readonly model: Pick<LlamaModel, 'detokenize'>
  /** The tokens before the first: whether a blank belongs to it depends on them. */
  readonly before: readonly Token[]
  readonly marks: Marks
}

/** A character has at most four bytes; what is no character after as many tokens never will be. */
const maxHeldTokens = 4

export function createTextCutter({ model, before, marks }: CutterOptions): TextCutter {
  const words = marks.list.map(({ text }) => text)
  let held: Token[] = []
  let last: readonly Token[] = before
  let text = ''
  let thinking = marks.thinking
  /** White space after a mark belongs to nothing. */
  let trimming = marks.opening !== undefined
  let stopped: Stop | undefined
  let mark = ''

  const release = (pieces: Piece[], upTo: number): void => {
    const shown = trimming ? text.slice(0, upTo).trimStart() : text.slice(0, upTo)
    if (shown !== '') {
      pieces.push({ text: shown, thought: thinking })
      trimming = false
    }
    text = text.slice(upTo)
  }

  /** Everything up to the first place where a mark stands, or may be beginning; at the end nothing longer can come. */
  const cut = (pieces: Piece[], last = false): void => {
    while (text !== '' && !stopped) {
      const at = firstOf(text, words)
      if (!at) return release(pieces, text.length - beginningAtEnd(text, words))
      release(pieces, at.at)
      if (!last && words.some((word) => word.length > text.length && word.startsWith(text))) return
      text = text.slice(at.word.length)
      const begins = marks.list[at.index]?.begins
      if (begins === 'end' || begins === 'call' || begins === 'form') {
        stopped = begins
        mark = at.word
      } else {
        if (begins !== 'same') thinking = begins === 'thought'
        trimming = true
      }
    }
  }

  const decode = (): string => {
    const decoded = model.detokenize(held, marks.control, last)
    last = [...last, ...held].slice(-8)
    held = []
    return decoded
  }

  return {
    get stopped() {
      return stopped
    },
    get mark() {
      return mark
    },
    get rest() {
      return stopped ? text : ''
    },
    push(token) {
      held.push(token)
      if (held.length < maxHeldTokens && model.detokenize(held, marks.control, last).endsWith('\uFFFD')) return []
      text += decode()
      const pieces: Piece[] = []
      cut(pieces)
      return pieces
    },
    end() {
      const pieces: Piece[] = []
      if (!stopped && held.length > 0) text += decode()
      cut(pieces, true)
      if (!stopped) release(pieces, text.length)
      return pieces
    },
  }
}

/** Where two begin at the same place, the longer. */
function firstOf(text: string, words: readonly string[]): { at: number; word: string; index: number } | undefined {
  let first: { at: number; word: string; index: number } | undefined
  for (const [index, word] of words.entries()) {
    const at = text.indexOf(word)
    if (at !== -1 && (!first || at < first.at || (at === first.at && word.length > first.word.length))) first = { at, word, index }
  }
  return first
}

/** How many characters at the end may be the beginning of a mark. */
function beginningAtEnd(text: string, words: readonly string[]): number {
  let longest = 0
  for (const word of words) {
    for (let length = Math.min(word.length - 1, text.length); length > longest; length -= 1) {
      if (text.endsWith(word.slice(0, length))) longest = length
    }
  }
  return longest
}
