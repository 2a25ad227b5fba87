/** What a conversation is made of, and what of it a model is told. Pure. */
import type { ReadonlySignal } from '@preact/signals'
import type { ChatMessage } from '../../sdk.ts'
import type { AnswerView } from './answer.ts'

export interface Question {
  readonly kind: 'question'
  readonly id: number
  readonly text: string
}

export interface Answer {
  readonly kind: 'answer'
  readonly id: number
  readonly slot: string
  readonly view: ReadonlySignal<AnswerView>
  readonly text: ReadonlySignal<readonly string[]>
  readonly thoughts: ReadonlySignal<readonly string[]>
}

/** From here on another model answers. */
export interface Change {
  readonly kind: 'change'
  readonly id: number
  readonly slot: string
  /** Absent: none does. */
  readonly model?: string | undefined
  readonly epoch: number
  /** Who still gives the answer above. */
  readonly still?: string | undefined
}

export type Turn = Question | Answer | Change

/** What was asked and answered so far. A question without an answer is left out: roles have to alternate. */
export function messagesOf(turns: readonly Turn[]): ChatMessage[] {
  const messages: ChatMessage[] = []
  let question: Question | undefined
  for (const turn of turns) {
    if (turn.kind === 'question') question = turn
    if (turn.kind !== 'answer' || !question) continue
    const content = turn.text.peek().join('')
    if (content === '') continue
    messages.push({ role: 'user', content: question.text }, { role: 'assistant', content })
    question = undefined
  }
  return messages
}

/** A change that comes while a question still waits belongs before its answer; of several in a row the last one counts. */
export function withChange(turns: readonly Turn[], change: Change): readonly Turn[] {
  const last = turns.at(-1)
  const waits = last?.kind === 'answer' && last.view.peek().state === 'waiting' && last.view.peek().model === undefined
  const before = waits ? turns.slice(0, -1) : turns
  const kept = before.at(-1)?.kind === 'change' ? before.slice(0, -1) : before
  return [...kept, change, ...(waits ? [last] : [])]
}

/** An answer turns out to be of an earlier epoch than the change before it: that one came after it had begun. */
export function withStart(turns: readonly Turn[], answer: Answer, model: string, epoch: number): readonly Turn[] {
  const at = turns.indexOf(answer)
  const before = turns[at - 1]
  if (before?.kind !== 'change' || before.slot !== answer.slot || before.epoch <= epoch) return turns
  return [...turns.slice(0, at - 1), answer, { ...before, still: nameIn(model) }, ...turns.slice(at + 1)]
}

/** The model's name in a ref: what follows the engine's id. */
export const nameIn = (ref: string): string => ref.slice(ref.indexOf('/') + 1)
