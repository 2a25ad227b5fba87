import { type Logprob, ModelyardError } from '../contract/index.ts'

/**
 * How probable tokens were, in the form that OpenAI's dialect and Ollama's own share (`Logprob` in api/types.go of 0.32): with
 * as many alternatives as were asked for, since engines that always name one name it unasked. Undefined: nothing is told.
 * Throws `provider_protocol` for what is no such list.
 */
export function readLogprobs(value: unknown, most: number): Logprob[] | undefined {
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) throw wrong('a list as logprobs')
  return value.length === 0 ? undefined : value.map((one) => ({ ...tokenIn(one), top: alternativesIn(one, most) }))
}

function alternativesIn({ top_logprobs: top }: { top_logprobs?: unknown }, most: number): Token[] {
  if (top === undefined || top === null) return []
  if (!Array.isArray(top)) throw wrong('a list as top_logprobs')
  return top.slice(0, most).map(tokenIn)
}

type Token = Omit<Logprob, 'top'>

function tokenIn(value: unknown): Token {
  const { token, logprob, bytes } = Object(value) as Record<string, unknown>
  if (typeof token !== 'string' || !isFiniteNumber(logprob)) throw wrong('a token and a number for each of the logprobs')
  if (bytes === undefined || bytes === null) return { token, logprob }
  if (!Array.isArray(bytes) || !bytes.every(isByte)) throw wrong('bytes of a token as numbers from 0 to 255')
  return { token, logprob, bytes }
}

const isFiniteNumber = (value: unknown): value is number => Number.isFinite(value)
const isByte = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255
const wrong = (expected: string): ModelyardError => new ModelyardError('provider_protocol', `Expected ${expected}; something else came.`)
