import { isFields } from './read-chunk.ts'

export interface ContextNumbers {
  readonly promptTokens?: number
  readonly contextLength?: number
}

/** The sentences in which engines say how long a prompt was and how long it may be; the first group of each. */
const promptWords = [
  // llama.cpp: chats, then texts to embed.
  /\brequest \((\d+) tokens\)/,
  /\binput \((\d+) tokens\) is too large/,
  // vLLM, older and newer.
  /\((\d+) in the messages/,
  /\b(\d+) input tokens/,
  // LM Studio.
  /\bkeep the first (\d+) tokens/,
]
const limitWords = [
  /\bcontext size \((\d+) tokens\)/,
  /\bbatch size: (\d+)\)/,
  /\bmaximum context length (?:is|of) (?:only )?(\d+)/,
  /\bcontext length of (?:only )?(\d+)/,
]

/** What an engine says of a prompt that is too long: in fields (llama.cpp, and Ollama with its words), else in words. */
export function contextNumbers(error: unknown, message: string): ContextNumbers {
  const { n_prompt_tokens: told, n_ctx: limit } = isFields(error) ? error : {}
  const promptTokens = count(told) ?? found(promptWords, message)
  const contextLength = count(limit) ?? found(limitWords, message)
  return { ...(promptTokens !== undefined && { promptTokens }), ...(contextLength !== undefined && { contextLength }) }
}

function found(words: readonly RegExp[], message: string): number | undefined {
  for (const shape of words) {
    const number = shape.exec(message)?.[1]
    if (number !== undefined) return count(Number(number))
  }
  return undefined
}

const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
