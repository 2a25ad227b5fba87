/**
 * One answer inside the child: token by token, no faster than the parent has given credit for, ended at the next token
 * by an abort. Nothing is kept between requests but what llama.cpp has computed for a common beginning.
 */
import type { LoadedModel } from './child-load.ts'
import { type Prompt, promptOf, readPrompt } from './child-prompt.ts'
import { createTextCutter, type TextCutter } from './child-text.ts'
import type { Sequence, Token } from './llama-types.ts'
import type { Failure, FromChild, ToChild } from './messages.ts'

export interface Chatting {
  readonly ended: Promise<void>
  grant(credits: number): void
  abort(): void
}

type Request = Extract<ToChild, { type: 'chat' }>

export function answerChat(loaded: LoadedModel, request: Request, send: (message: FromChild) => void): Chatting {
  const state: Talk['state'] = { credits: request.credits, aborted: false, wake: () => {} }
  const place = loaded.lanes.queue()
  const ended = answer({ loaded, request, place }, { state, send }).catch((error: unknown) => {
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
      place.giveUp()
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

function failureOf(error: unknown): Failure {
  if (error instanceof PromptTooLong)
    return { code: 'context_length_exceeded', message: error.message, details: { promptTokens: error.tokens, contextLength: error.limit } }
  return { code: 'provider_error', message: error instanceof Error ? error.message : String(error) }
}

interface Job {
  readonly loaded: LoadedModel
  readonly request: Request
  readonly place: ReturnType<LoadedModel['lanes']['queue']>
}

async function answer({ loaded, request, place }: Job, talk: Talk): Promise<void> {
  try {
    const prompt = promptOf(loaded, request.messages, request.options.stop ?? [])
    if (prompt.tokens.length >= loaded.contextLength) throw new PromptTooLong(prompt.tokens.length, loaded.contextLength)
    const sequence = await place.turn
    if (!sequence || talk.state.aborted) return
    const rest = await readPrompt(sequence, prompt.tokens, () => talk.state.aborted)
    if (rest) await generate({ loaded, sequence, request, prompt, rest }, talk)
  } finally {
    place.leave()
  }
}

interface Generation {
  readonly loaded: LoadedModel
  readonly sequence: Sequence
  readonly request: Request
  readonly prompt: Prompt
  readonly rest: Token[]
}

async function generate({ loaded, sequence, request, prompt, rest }: Generation, talk: Talk): Promise<void> {
  const { model, contextLength } = loaded
  const { id, options } = request
  const promptTokens = prompt.tokens.length
  const limit = Math.min(options.maxTokens ?? Number.POSITIVE_INFINITY, contextLength - promptTokens)
  const cutter = createTextCutter({ model, before: prompt.tokens.slice(-8), marks: prompt.marks })
  let count = 0
  let finishReason: 'stop' | 'length' = 'length'
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
  if (!talk.state.aborted) talk.send({ type: 'end', id, finishReason, usage: { promptTokens, completionTokens: count } })
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
