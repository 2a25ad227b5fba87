import { type ErrorCode, ModelyardError } from '../../contract/index.ts'
import { engineWords } from '../engine-words.ts'
import { contextNumbers } from './context-numbers.ts'
import { isFields } from './read-chunk.ts'

/** An answer that is not the wanted one, as it came. */
export interface EngineFailure {
  /** HTTP status, or the `code` of an error inside a stream. */
  readonly status: number
  readonly body: unknown
  /** The body as text where it was not JSON. */
  readonly text?: string | undefined
}

export interface FailureContext {
  /** How the engine is called in a message, such as `llama.cpp`. */
  readonly label: string
  /** The model the request named. */
  readonly model?: string | undefined
  /** `model`: a 404 without words means the model, not the address. */
  readonly notFound?: 'model' | undefined
  /** `vectors`: texts were to be embedded. */
  readonly asked?: 'vectors' | undefined
  /** Our key was sent along: a 403 is then about the key. */
  readonly keyed?: boolean | undefined
}

/** More of an engine's words is neither shown nor searched. */
const maxWordChars = 4000
const maxInnerChars = 65_536

/** The shapes in which engines word the same failure; the first that matches decides. */
const words: readonly (readonly [RegExp, ErrorCode])[] = [
  [
    /exceed_context_size_error|context_length_exceeded|exceeds the available context size|maximum context length|context (?:length|window|size) (?:exceeded|of)|exceeds (?:the |maximum )*context length|\binput \(\d+ tokens\) is too large/i,
    'context_length_exceeded',
  ],
  [
    /out of memory|not enough memory|requires more system memory|insufficient (?:system )?(?:memory|resources)|failed to allocate|cudamalloc|\boom\b/i,
    'out_of_memory',
  ],
  [
    /does not support (?:tools|thinking|embeddings?)\b|(?:not an embedding model|is not embedding)|pooling type 'none'|(?:image|audio|video) input is not supported|requires --jinja/i,
    'unsupported_operation',
  ],
  [
    /does not support (?:chat|generate)|chat completions api|not_supported_error|does not support completions|is (?:an embedding|not a chat|not a language) model/i,
    'not_a_chat_model',
  ],
  [
    // What is not in memory: llama.cpp's router that loads nothing by itself, LM Studio without loading just in time.
    /\bmodel is not loaded\b|\bmodel name=\S{1,540} is not running\b|\bno models loaded\b|model_not_found|no router for requested model|model\b.{0,540}?\b(?:is )?not found|model\b.{0,540}? does not exist|no such model|could not find model/i,
    'model_not_found',
  ],
  [/failed to load|unable to load|\berror loading model|exited prematurely|model load(?:ing)? failed/i, 'load_failed'],
]

/** One code for every way in which an engine that speaks OpenAI's dialect says no. Its own words are kept, cleaned. */
export function engineError(failure: EngineFailure, context: FailureContext): ModelyardError {
  const said = saidBy(failure)
  const code = codeOf(failure.status, `${said.type} ${said.message}`, context)
  const what = said.message === '' ? `HTTP ${failure.status} without a word.` : engineWords(said.message)
  return new ModelyardError(code, `${context.label}: ${what}`, { details: detailsOf(code, failure, said.message, context) })
}

/** The error member of a body or a chunk; `null` and absent are none. */
export function errorOf(body: unknown): unknown {
  return isFields(body) && body.error !== null && body.error !== false ? body.error : undefined
}

/** An error inside a running stream: an object, a text, or a text that is JSON again. */
export function streamError(error: unknown, context: FailureContext): ModelyardError {
  const code = isFields(error) && typeof error.code === 'number' ? error.code : 500
  return engineError({ status: code, body: { error } }, context)
}

function codeOf(status: number, said: string, context: FailureContext): ErrorCode {
  if (status === 401 || (status === 403 && context.keyed === true)) return 'provider_unauthorized'
  const worded = words.find(([shape]) => shape.test(said))?.[1] ?? (status === 501 ? 'not_a_chat_model' : undefined)
  if (worded === 'not_a_chat_model' && context.asked === 'vectors') return 'unsupported_operation'
  if (worded) return worded
  if (status === 404 && context.notFound === 'model') return 'model_not_found'
  if (status === 429 || status === 503) return 'provider_busy'
  if (status >= 200 && status < 400) return 'provider_protocol'
  return 'provider_error'
}

function saidBy({ body, text }: EngineFailure): { type: string; message: string } {
  const error = innermost(body)
  if (typeof error === 'string') return { type: '', message: error.slice(0, maxWordChars) }
  if (isFields(error)) {
    const message = [error.message, error.detail, error.error, error.msg].find((one) => typeof one === 'string')
    return {
      type: [error.type, error.code].filter((one) => typeof one === 'string').join(' '),
      message: typeof message === 'string' ? message.slice(0, maxWordChars) : '',
    }
  }
  const plain = text?.trim() ?? ''
  return { type: '', message: /^<(?:!doctype|html|head|body)/i.test(plain) ? 'a web page instead of JSON' : plain.slice(0, maxWordChars) }
}

/** The error of a body, or the body; Ollama hands on llama.cpp's error as a text that is JSON again. */
function innermost(body: unknown): unknown {
  const error = errorOf(body) ?? body
  if (typeof error !== 'string' || !error.startsWith('{') || error.length > maxInnerChars) return error
  try {
    const inner: unknown = JSON.parse(error)
    return isFields(inner) ? (errorOf(inner) ?? inner) : error
  } catch {
    return error
  }
}

function detailsOf(code: ErrorCode, { status, body }: EngineFailure, said: string, context: FailureContext): Record<string, unknown> {
  const counts = code === 'context_length_exceeded' ? contextNumbers(innermost(body), said) : {}
  return { status, ...(context.model !== undefined && { model: context.model }), ...counts }
}
