/** One answer as it comes: how far it is, who gives it, and what can be said of it in numbers. Pure. */
import type { ChatEvent } from '../../sdk.ts'

export type AnswerState = 'waiting' | 'thinking' | 'answering' | 'done' | 'stopped' | 'failed'

export interface AnswerView {
  readonly state: AnswerState
  /** Times are milliseconds of one clock. */
  readonly askedAt: number
  /** A ref, once it is known who answers. */
  readonly model?: string | undefined
  readonly epoch?: number | undefined
  /** The first token of any kind. */
  readonly firstAt?: number
  /** The first that was no thought. */
  readonly textAt?: number
  readonly thought?: boolean
  readonly endedAt?: number
  /** As the engine counted them, thoughts included. */
  readonly tokens?: number | undefined
  /** The engine ended it at a limit. */
  readonly cut?: boolean
  readonly error?: unknown
}

export type Part = Exclude<ChatEvent, { type: 'error' }>

export const askedAt = (at: number): AnswerView => ({ state: 'waiting', askedAt: at })

export function foldPart(view: AnswerView, part: Part, at: number): AnswerView {
  const firstAt = view.firstAt ?? at
  switch (part.type) {
    case 'start':
      return { ...view, model: part.model, epoch: part.epoch }
    case 'reasoning':
      return view.state === 'thinking' ? view : { ...view, state: 'thinking', thought: true, firstAt }
    case 'delta':
      return view.state === 'answering' ? view : { ...view, state: 'answering', firstAt, textAt: view.textAt ?? at }
    case 'end':
      return { ...view, state: 'done', endedAt: at, tokens: part.usage?.completionTokens, cut: part.finishReason === 'length' }
    default:
      return view
  }
}

export const stoppedAt = (view: AnswerView, at: number): AnswerView => ({ ...view, state: 'stopped', endedAt: at })
export const failedAt = (view: AnswerView, at: number, error: unknown): AnswerView => ({ ...view, state: 'failed', endedAt: at, error })

export const hasEnded = ({ state }: AnswerView): boolean => state === 'done' || state === 'stopped' || state === 'failed'

export interface Figures {
  /** From the question, waiting for the slot included. */
  readonly firstTokenMs?: number
  readonly thoughtMs?: number
  readonly tokens?: number
  /** After the first token. Absent where the engine counted nothing. */
  readonly tokensPerSecond?: number
  readonly ms?: number
}

export function figuresOf({ askedAt, firstAt, textAt, endedAt, thought, tokens }: AnswerView): Figures {
  const thoughtUntil = textAt ?? endedAt
  const spentMs = firstAt === undefined || endedAt === undefined ? 0 : endedAt - firstAt
  return {
    ...(firstAt !== undefined && { firstTokenMs: firstAt - askedAt }),
    ...(thought && firstAt !== undefined && thoughtUntil !== undefined && { thoughtMs: thoughtUntil - firstAt }),
    ...(tokens !== undefined && { tokens }),
    ...(tokens !== undefined && tokens > 1 && spentMs > 0 && { tokensPerSecond: ((tokens - 1) * 1000) / spentMs }),
    ...(endedAt !== undefined && { ms: endedAt - askedAt }),
  }
}
