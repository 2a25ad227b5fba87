/** An answer gathered from its parts. */
import type { AnswerPart, ChatEvent, FinishReason, Logprob, ToolCall, Usage } from './chat.ts'

export interface WholeAnswer {
  /** Who answered, as a ref. */
  readonly model: string
  readonly epoch?: number
  readonly text: string
  readonly reasoning: string
  /** Empty: it called no tool. */
  readonly toolCalls: readonly ToolCall[]
  /** Of all its tokens, thoughts included; absent where none came. */
  readonly logprobs?: readonly Logprob[]
  readonly finishReason: FinishReason
  readonly usage?: Usage
}

type Ending = Extract<ChatEvent, { type: 'end' }>

export interface Gathering {
  add(part: AnswerPart): void
  readonly text: string
  readonly reasoning: string
  /** Empty: none came. */
  readonly logprobs: readonly Logprob[]
  toolCalls(): ToolCall[]
}

export function gatherParts(): Gathering {
  const texts: string[] = []
  const thoughts: string[] = []
  const logprobs: Logprob[] = []
  const calls = new Map<number, { id: string; name: string; pieces: string[] }>()
  return {
    add(part) {
      if (part.type === 'delta') texts.push(part.text)
      else if (part.type === 'reasoning') thoughts.push(part.text)
      else if (part.type === 'tool_call') calls.set(part.index, { id: part.id, name: part.name, pieces: [] })
      else calls.get(part.index)?.pieces.push(part.text)
      if ('logprobs' in part) for (const one of part.logprobs ?? []) logprobs.push(one)
    },
    logprobs,
    get text() {
      return texts.join('')
    },
    get reasoning() {
      return thoughts.join('')
    },
    toolCalls: () => [...calls.values()].map(({ id, name, pieces }) => ({ id, name, arguments: pieces.join('') })),
  }
}

/** What the parts say together. */
export function gathered(gathering: Gathering): Pick<WholeAnswer, 'text' | 'reasoning' | 'toolCalls' | 'logprobs'> {
  const { text, reasoning, logprobs } = gathering
  return { text, reasoning, toolCalls: gathering.toolCalls(), ...(logprobs.length > 0 && { logprobs }) }
}

/** Throws what the parts throw. */
export async function wholeAnswer(parts: AsyncIterable<Exclude<ChatEvent, { type: 'error' }>>): Promise<WholeAnswer> {
  const gathering = gatherParts()
  let start: { model: string; epoch?: number } = { model: '' }
  let end: Ending = { type: 'end', finishReason: 'other' }
  for await (const part of parts) {
    if (part.type === 'start') start = { model: part.model, ...(part.epoch !== undefined && { epoch: part.epoch }) }
    else if (part.type === 'end') end = part
    else gathering.add(part)
  }
  const { finishReason, usage } = end
  return { ...start, ...gathered(gathering), finishReason, ...(usage && { usage }) }
}
