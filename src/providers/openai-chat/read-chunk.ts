import { type FinishReason, type Logprob, ModelyardError, type Usage } from '../../contract/index.ts'
import { readLogprobs } from '../read-logprobs.ts'

/** What one chunk of an answer says. Absent: not in this chunk. */
export interface ChunkReading {
  readonly model?: string | undefined
  readonly text?: string | undefined
  readonly reasoning?: string | undefined
  readonly calls?: readonly CallFragment[] | undefined
  readonly logprobs?: Logprob[] | undefined
  readonly finishReason?: FinishReason | undefined
  readonly usage?: Usage | undefined
}

/** A piece of a call of a tool; `place` is the engine's `index`. Absent: not in this piece. */
export interface CallFragment {
  readonly place: number | undefined
  readonly id: string | undefined
  readonly name: string | undefined
  readonly arguments: string
}

type Fields = Record<string, unknown>

/**
 * A `chat.completion.chunk`, or a whole `chat.completion` from an engine that ignored `stream`. Reads by shape; throws
 * `provider_protocol` on wrong types. Errors inside a chunk are the caller's, see `errorOf`. `logprobs` is how many
 * alternatives were asked for; undefined: no probability was, and what is said of any is not looked at.
 */
export function readChunk(chunk: Fields, logprobs?: number): ChunkReading {
  const choices = chunk.choices
  if (choices !== undefined && choices !== null && !Array.isArray(choices)) throw wrongType('choices', 'a list', choices)
  if (choices === undefined && chunk.usage === undefined) throw wrongType('choices', 'a list', choices)
  const choice: unknown = choices?.[0]
  const usage = usageOf(chunk)
  const model = typeof chunk.model === 'string' && chunk.model !== '' ? chunk.model : undefined
  if (choice === undefined || choice === null) return { model, usage }
  if (!isFields(choice)) throw wrongType('choices[0]', 'an object', choice)
  const said = choice.delta ?? choice.message
  const message = said === undefined || said === null ? {} : said
  if (!isFields(message)) throw wrongType('delta', 'an object', message)
  return {
    model,
    text: optionalText(message.content, 'delta.content'),
    // llama.cpp, LM Studio and older vLLM say reasoning_content; Ollama, newer vLLM and gpt-oss in LM Studio say reasoning.
    reasoning: optionalText(message.reasoning_content ?? message.reasoning, 'delta.reasoning_content'),
    calls: callsOf(message.tool_calls),
    logprobs: logprobs === undefined ? undefined : logprobsOf(choice.logprobs, logprobs),
    finishReason: finishReasonOf(choice.finish_reason),
    usage,
  }
}

/** The chunk as an object; throws `provider_protocol` for anything else. */
export function parseChunk(data: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch (cause) {
    throw new ModelyardError('provider_protocol', 'Expected JSON in each event of the stream; one is cut or damaged.', { cause })
  }
  if (!isFields(value)) throw wrongType('an event of the stream', 'an object', value)
  return value
}

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

function optionalText(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') throw wrongType(name, 'text', value)
  return value
}

function callsOf(calls: unknown): CallFragment[] | undefined {
  if (calls === undefined || calls === null) return undefined
  if (!Array.isArray(calls)) throw wrongType('delta.tool_calls', 'a list', calls)
  return calls.map((call: unknown) => {
    if (!isFields(call)) throw wrongType('delta.tool_calls[]', 'an object', call)
    const told = call.function ?? {}
    if (!isFields(told)) throw wrongType('delta.tool_calls[].function', 'an object', told)
    return {
      place: count(call.index),
      id: optionalText(call.id, 'delta.tool_calls[].id'),
      name: optionalText(told.name, 'delta.tool_calls[].function.name'),
      // Text by the dialect; some engines send the object itself.
      arguments: isFields(told.arguments) ? JSON.stringify(told.arguments) : (optionalText(told.arguments, 'arguments of a tool') ?? ''),
    }
  })
}

function logprobsOf(told: unknown, most: number): Logprob[] | undefined {
  if (told === undefined || told === null) return undefined
  if (!isFields(told)) throw wrongType('logprobs', 'an object', told)
  return readLogprobs(told.content, most)
}

function finishReasonOf(value: unknown): FinishReason | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  if (value === 'stop' || value === 'eos' || value === 'eos_token') return 'stop'
  if (value === 'length' || value === 'max_tokens') return 'length'
  if (value === 'tool_calls' || value === 'function_call') return 'tool_calls'
  return 'other'
}

/** `usage` where the engine sends it, else llama.cpp's `timings`, which come with the last chunk without being asked for. */
function usageOf({ usage, timings }: Fields): Usage | undefined {
  const timed = isFields(timings) ? timings : {}
  const computed = count(timed.prompt_n)
  const reused = count(timed.cache_n)
  if (!isFields(usage)) return usageFrom(computed === undefined ? undefined : computed + (reused ?? 0), count(timed.predicted_n), reused)
  const details = isFields(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {}
  return usageFrom(count(usage.prompt_tokens), count(usage.completion_tokens), count(details.cached_tokens) ?? reused)
}

function usageFrom(promptTokens?: number, completionTokens?: number, cachedTokens?: number): Usage | undefined {
  if (promptTokens === undefined && completionTokens === undefined) return undefined
  return {
    ...(promptTokens !== undefined && { promptTokens }),
    ...(completionTokens !== undefined && { completionTokens }),
    ...(cachedTokens !== undefined && { cachedTokens }),
  }
}

const count = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined

function wrongType(name: string, expected: string, value: unknown): ModelyardError {
  const came = value === null ? 'null' : Array.isArray(value) ? 'a list' : value === undefined ? 'nothing' : `a ${typeof value}`
  return new ModelyardError('provider_protocol', `Expected ${expected} as ${name}; ${came} came.`)
}
