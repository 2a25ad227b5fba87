import type { Logprob } from '../contract/index.ts'
import type { ChatPart } from './provider.ts'

export interface SaidWith {
  readonly text?: string | undefined
  readonly reasoning?: string | undefined
  readonly logprobs: Logprob[]
}

/** What a piece says, with how probable its tokens were: beside its text, else its thoughts; alone where it has neither. */
export function probableParts({ text, reasoning, logprobs }: SaidWith): ChatPart[] {
  if (reasoning === undefined) return [{ type: 'delta', text: text ?? '', logprobs }]
  if (text === undefined) return [{ type: 'reasoning', text: reasoning, logprobs }]
  return [
    { type: 'reasoning', text: reasoning },
    { type: 'delta', text, logprobs },
  ]
}
