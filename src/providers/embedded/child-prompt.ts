/** The prompt inside the child: rendered by the model's own template, and computed in pieces that an abort can end. */
import type { ChatMessage } from '../../contract/index.ts'
import type { LoadedModel } from './child-load.ts'
import { type Marks, marksOf } from './child-marks.ts'
import type { HistoryItem, Sequence, Token } from './llama-types.ts'

export interface Prompt {
  readonly tokens: Token[]
  readonly marks: Marks
}

export function promptOf(loaded: LoadedModel, messages: readonly ChatMessage[], stops: readonly string[]): Prompt {
  const { wrapper, model } = loaded
  const chatHistory: HistoryItem[] = [...messages.map(itemOf), { type: 'model', response: [] }]
  const state = wrapper.generateContextState({ chatHistory })
  const marks = marksOf(loaded, state, stops)
  return {
    tokens: [...state.contextText.tokenize(model.tokenizer), ...(marks.opening?.tokenize(model.tokenizer, 'trimLeadingSpace') ?? [])],
    marks,
  }
}

function itemOf({ role, content }: ChatMessage): HistoryItem {
  const text = typeof content === 'string' ? content : content.map((part) => (part.type === 'text' ? part.text : '')).join('')
  if (role === 'tool') throw new Error('tools are not understood')
  return role === 'assistant' ? { type: 'model', response: [text] } : { type: role, text }
}

/** llama.cpp cannot be interrupted within a piece: as many tokens as this machine computes in half of this time. */
const pieceMs = 150
const firstPiece = 32
const [smallestPiece, largestPiece] = [8, 512]

/** Computes all of the prompt but its last tokens; those are given back. Undefined when nobody wants it any more. */
export async function readPrompt(sequence: Sequence, tokens: Token[], aborted: () => boolean): Promise<Token[] | undefined> {
  await sequence.adaptStateToTokens(tokens, false)
  // At least one token has to be evaluated to know what comes after it.
  if (sequence.nextTokenIndex >= tokens.length)
    await sequence.eraseContextTokenRanges([{ start: tokens.length - 1, end: sequence.nextTokenIndex }])
  let piece = firstPiece
  while (tokens.length - sequence.nextTokenIndex > piece) {
    if (aborted()) return undefined
    const from = sequence.nextTokenIndex
    const before = performance.now()
    for await (const _ of sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(from, from + piece)));
    const took = performance.now() - before
    if (took < pieceMs / 2) piece = Math.min(largestPiece, piece * 2)
    else if (took > pieceMs) piece = Math.max(smallestPiece, Math.floor(piece / 2))
  }
  return aborted() ? undefined : tokens.slice(sequence.nextTokenIndex)
}
