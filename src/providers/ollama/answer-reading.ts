/** One answer of `/api/chat`, line by line. */
import { type FinishReason, ModelyardError } from '../../contract/index.ts'
import { callId, isToolName, maxCalls } from '../answered-call.ts'
import { isFields, streamError } from '../openai-chat/index.ts'
import { probableParts } from '../probable-parts.ts'
import type { ChatPart, ProviderChatRequest } from '../provider.ts'
import { readLogprobs } from '../read-logprobs.ts'
import { label } from './ollama.ts'
import { count, type Fields, fields, pieceOf, text } from './wire.ts'

export interface Reading {
  readonly done: boolean
  /** The parts that a line adds. Throws an error that came as a line. */
  take(line: string): ChatPart[]
}

export function createReading({ model, logprobs: most }: Pick<ProviderChatRequest, 'model' | 'logprobs'>): Reading {
  let started = false
  let done = false
  let calls = 0
  return {
    get done() {
      return done
    },
    take(line) {
      const piece = pieceIn(line)
      if (piece.error !== undefined && piece.error !== null) throw streamError(piece.error, { label, model })
      done = piece.done === true
      if (!done && !isFields(piece.message)) throw damaged()
      const answered = text(piece.model)
      const message = fields(piece.message)
      const thinking = pieceOf(message.thinking, 'message.thinking')
      const content = pieceOf(message.content, 'message.content')
      const parts: ChatPart[] = []
      if (!started) parts.push({ type: 'start', model: answered })
      started = true
      const logprobs = most === undefined ? undefined : readLogprobs(piece.logprobs, most)
      if (logprobs) parts.push(...probableParts({ reasoning: thinking, text: content, logprobs }))
      else {
        if (thinking !== undefined) parts.push({ type: 'reasoning', text: thinking })
        if (content !== undefined) parts.push({ type: 'delta', text: content })
      }
      for (const call of callsIn(message)) parts.push(...callParts(call, calls++))
      if (done) parts.push(ending(piece, answered, calls))
      return parts
    },
  }
}

function pieceIn(line: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {}
  if (!isFields(value)) throw damaged()
  return value
}

const wrong = (what: string): ModelyardError => new ModelyardError('provider_protocol', `${label}: ${what}.`)
const damaged = (): ModelyardError => wrong('expected a message as JSON in each line of the answer; one is cut or damaged')

function callsIn({ tool_calls: calls }: Fields): unknown[] {
  if (calls === undefined || calls === null) return []
  if (!Array.isArray(calls)) throw wrong('expected a list as message.tool_calls')
  return calls
}

/** A call comes whole, its arguments as an object. */
function callParts(call: unknown, index: number): ChatPart[] {
  const { id, function: told } = fields(call)
  const { name, arguments: written } = fields(told)
  if (index === maxCalls) throw wrong(`more than ${maxCalls} calls of tools came in one answer`)
  if (!isToolName(name)) throw wrong('a call of a tool came without a usable name')
  if (written !== undefined && written !== null && !isFields(written)) throw wrong('expected an object as the arguments of a tool')
  return [
    { type: 'tool_call', index, id: callId(id, index), name },
    { type: 'tool_arguments', index, text: JSON.stringify(written ?? {}) },
  ]
}

function ending(piece: Fields, model: string | undefined, calls: number): ChatPart {
  const [promptTokens, completionTokens] = [count(piece.prompt_eval_count), count(piece.eval_count)]
  const usage = { ...(promptTokens !== undefined && { promptTokens }), ...(completionTokens !== undefined && { completionTokens }) }
  return { type: 'end', finishReason: reasonOf(piece.done_reason, calls), usage, model }
}

/** It has no word for an answer that ends with calls: it just stopped. */
function reasonOf(reason: unknown, calls: number): FinishReason {
  if (reason === 'length') return 'length'
  if (calls > 0) return 'tool_calls'
  return reason === 'stop' ? 'stop' : 'other'
}
