/** From tokens to text: whole characters only, nothing after a stop word, thoughts told apart from the answer. */
import type { LlamaModel, Token } from './llama-types.ts'

export interface Piece {
  readonly text: string
  readonly thought: boolean
}

export interface TextCutter {
  push(token: Token): Piece[]
  /** What was held back. */
  end(): Piece[]
  /** A stop word has come. */
  readonly stopped: boolean
}

export interface CutterOptions {
  readonly model: LlamaModel
  /** The tokens before the first: whether a blank belongs to it depends on them. */
  readonly before: readonly Token[]
  readonly stops: readonly string[]
  readonly thought: { readonly prefix: unknown; readonly suffix?: unknown } | undefined
}

/** A character has at most four bytes; what is no character after as many tokens never will be. */
const maxHeldTokens = 4

export function createTextCutter({ model, before, stops, thought }: CutterOptions): TextCutter {
  const markers = markersOf(thought)
  const watched = [...stops.filter((one) => one !== ''), ...(markers ? [markers.open, markers.close] : [])]
  let held: Token[] = []
  let last: readonly Token[] = before
  let text = ''
  let thinking = markers?.openAtStart ?? false
  let stopped = false

  const release = (pieces: Piece[], upTo: number): void => {
    if (upTo > 0) pieces.push({ text: text.slice(0, upTo), thought: thinking })
    text = text.slice(upTo)
  }

  /** Everything up to the first place where a watched word stands, or may be beginning. */
  const cut = (pieces: Piece[]): void => {
    while (text !== '' && !stopped) {
      const found = firstOf(text, watched)
      if (!found) return release(pieces, text.length - beginningAtEnd(text, watched))
      release(pieces, found.at)
      text = text.slice(found.word.length)
      if (found.word === markers?.open) thinking = true
      else if (found.word === markers?.close) thinking = false
      else stopped = true
    }
  }

  return {
    get stopped() {
      return stopped
    },
    push(token) {
      held.push(token)
      const decoded = model.detokenize(held, false, last)
      if (decoded.endsWith('\uFFFD') && held.length < maxHeldTokens) return []
      text += decoded
      last = [...last, ...held].slice(-8)
      held = []
      const pieces: Piece[] = []
      cut(pieces)
      return pieces
    },
    end() {
      const pieces: Piece[] = []
      if (!stopped && held.length > 0) text += model.detokenize(held, false, last)
      held = []
      cut(pieces)
      if (!stopped) release(pieces, text.length)
      return pieces
    },
  }
}

interface Markers {
  readonly open: string
  readonly close: string
  readonly openAtStart: boolean
}

/** As the model's own template says; a prefix that is an object means that it begins by thinking. */
function markersOf(thought: CutterOptions['thought']): Markers | undefined {
  if (!thought) return undefined
  const close = String(thought.suffix ?? '</think>')
  const { prefix } = thought
  if (typeof prefix === 'string') return { open: prefix, close, openAtStart: false }
  const atStart = typeof prefix === 'object' && prefix !== null && 'type' in prefix && prefix.type === 'openedOnStart'
  return { open: atStart ? '<think>' : String(prefix), close, openAtStart: atStart }
}

function firstOf(text: string, words: readonly string[]): { at: number; word: string } | undefined {
  let first: { at: number; word: string } | undefined
  for (const word of words) {
    const at = text.indexOf(word)
    if (at !== -1 && (!first || at < first.at)) first = { at, word }
  }
  return first
}

/** How many characters at the end may be the beginning of a watched word. */
function beginningAtEnd(text: string, words: readonly string[]): number {
  let longest = 0
  for (const word of words) {
    for (let length = Math.min(word.length - 1, text.length); length > longest; length -= 1) {
      if (text.endsWith(word.slice(0, length))) longest = length
    }
  }
  return longest
}
