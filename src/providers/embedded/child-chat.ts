/**
 * One answer inside the child: token by token, no faster than the parent has given credit for, ended at the next token
 * by an abort. Nothing is kept between requests but what llama.cpp has computed for a common beginning.
 */
import type { ChatMessage, FinishReason } from '../../contract/index.ts'
import type { LoadedModel } from './child-load.ts'
import { createTextCutter, type TextCutter } from './child-text.ts'
import type { HistoryItem, Sequence, Token } from './llama-types.ts'
import type { FromChild, ToChild } from './messages.ts'

export interface Chatting {
  readonly ended: Promise<void>
  grant(credits: number): void
  abort(): void
}

type Request = Extract<ToChild, { type: 'chat' }>

/** Tokens of a prompt that are computed between two looks at whether anybody still wants the answer. */
const promptPiece = 128

export function answerChat(loaded: LoadedModel, request: Request, send: (message: FromChild) => void): Chatting {
  const state = { credits: request.credits, aborted: false, wake: () => {} }
  const ended = answer(loaded, request, { state, send }).catch((error: unknown) => {
    if (!state.aborted) send({ type: 'error', id: request.id, ...failureOf(error) })
  })
  return {
    ended,
    grant(credits) {
      state.credits += credits
      state.wake()
    },
    abort() {
      state.aborted = true
      state.wake()
    },
  }
}

interface Talk {
  readonly state: { credits: number; aborted: boolean; wake: () => void }
  readonly send: (message: FromChild) => void
}

class PromptTooLong extends Error {
  readonly tokens: number
  readonly limit: number
  constructor(tokens: number, limit: number) {
    super(`The prompt has ${tokens} tokens, and the context ${limit}.`)
    this.tokens = tokens
    this.limit = limit
  }
}

function failureOf(error: unknown): {
  code: 'context_length_exceeded' | 'provider_error'
  message: string
  details?: Record<string, unknown>
} {
  if (error instanceof PromptTooLong)
    return { code: 'context_length_exceeded', message: error.message, details: { promptTokens: error.tokens, contextLength: error.limit } }
  return { code: 'provider_error', message: error instanceof Error ? error.message : String(error) }
}

async function answer(loaded: LoadedModel, request: Request, talk: Talk): Promise<void> {
  const prompt = promptOf(loaded, request.messages)
  if (prompt.tokens.length >= loaded.contextLength) throw new PromptTooLong(prompt.tokens.length, loaded.contextLength)
  const sequence = await loaded.lanes.take()
  try {
    if (talk.state.aborted) return
    const rest = await readPrompt(sequence, prompt.tokens, talk)
    if (rest) await generate({ loaded, sequence, request, prompt, rest }, talk)
  } finally {
    loaded.lanes.giveBack(sequence)
  }
}

interface Prompt {
  readonly tokens: Token[]
  readonly stops: readonly string[]
}

function promptOf({ wrapper, model }: LoadedModel, messages: readonly ChatMessage[]): Prompt {
  const chatHistory: HistoryItem[] = [...messages.map(itemOf), { type: 'model', response: [] }]
  const { contextText, stopGenerationTriggers } = wrapper.generateContextState({ chatHistory })
  const plain = stopGenerationTriggers.filter((one) => one.values.length > 0 && one.values.every((value) => typeof value === 'string'))
  return { tokens: contextText.tokenize(model.tokenizer), stops: plain.map((one) => one.values.join('')) }
}

function itemOf({ role, content }: ChatMessage): HistoryItem {
  const text = typeof content === 'string' ? content : content.map((part) => (part.type === 'text' ? part.text : '')).join('')
  return role === 'assistant' ? { type: 'model', response: [text] } : { type: role, text }
}

/** Computes all of the prompt but its last tokens, in pieces; those are given back. Undefined when nobody wants it. */
async function readPrompt(sequence: Sequence, tokens: Token[], { state }: Talk): Promise<Token[] | undefined> {
  await sequence.adaptStateToTokens(tokens, false)
  // At least one token has to be evaluated to know what comes after it.
  if (sequence.nextTokenIndex >= tokens.length)
    await sequence.eraseContextTokenRanges([{ start: tokens.length - 1, end: sequence.nextTokenIndex }])
  while (tokens.length - sequence.nextTokenIndex > promptPiece) {
    if (state.aborted) return undefined
    const from = sequence.nextTokenIndex
    for await (const _ of sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(from, from + promptPiece)));
  }
  return state.aborted ? undefined : tokens.slice(sequence.nextTokenIndex)
}

interface Generation {
  readonly loaded: LoadedModel
  readonly sequence: Sequence
  readonly request: Request
  readonly prompt: Prompt
  readonly rest: Token[]
}

async function generate({ loaded, sequence, request, prompt, rest }: Generation, talk: Talk): Promise<void> {
  const { model, wrapper, contextLength } = loaded
  const { id, options } = request
  const limit = Math.min(options.maxTokens ?? Number.POSITIVE_INFINITY, contextLength - prompt.tokens.length)
  const cutter = createTextCutter({
    model,
    before: prompt.tokens.slice(-8),
    stops: [...prompt.stops, ...(options.stop ?? [])],
    thought: wrapper.settings.segments?.thought,
  })
  let count = 0
  let finishReason: FinishReason = 'length'
  for await (const token of sequence.evaluate(rest, samplingOf(options))) {
    if (talk.state.aborted) return
    if (model.isEogToken(token)) {
      finishReason = 'stop'
      break
    }
    count += 1
    await sendPieces(cutter.push(token), id, talk)
    if (cutter.stopped) finishReason = 'stop'
    if (cutter.stopped || count >= limit || talk.state.aborted) break
  }
  if (talk.state.aborted) return
  await sendPieces(cutter.end(), id, talk)
  talk.send({ type: 'end', id, finishReason, usage: { promptTokens: prompt.tokens.length, completionTokens: count } })
}

const samplingOf = ({ temperature, topP, seed }: Request['options']) => ({
  yieldEogToken: true,
  temperature: temperature ?? 0.8,
  ...(topP !== undefined && { topP }),
  ...(seed !== undefined && { seed }),
})

async function sendPieces(pieces: ReturnType<TextCutter['push']>, id: number, { state, send }: Talk): Promise<void> {
  for (const piece of pieces) {
    while (state.credits <= 0 && !state.aborted) {
      await new Promise<void>((resolve) => {
        state.wake = resolve
      })
    }
    if (state.aborted) return
    state.credits -= 1
    send({ type: 'piece', id, ...piece })
  }
}
