import { ModelyardError } from '../../contract/index.ts'
import { createEngineHttp, type EngineHttp } from '../../platform/engine-http.ts'
import { engineError, errorOf, type FailureContext } from './engine-error.ts'

/** An engine that speaks OpenAI's dialect, among others. */
export interface Engine {
  readonly http: EngineHttp
  /** How it is called in messages. */
  readonly label: string
  /** Our key as a header, lower case; sent only with calls that ask for it. */
  readonly auth: Readonly<Record<string, string>>
}

export interface Ask {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'DELETE' | undefined
  readonly path: string
  readonly body?: unknown
  readonly signal: AbortSignal
  /** The key is left at home: the fingerprint has not matched yet. */
  readonly anonymous?: boolean | undefined
  readonly headersTimeoutMs?: number | undefined
  /** Once more on a fresh connection when a kept one died before any answer; GETs do so unasked. */
  readonly retry?: boolean | undefined
  readonly onRetry?: ((reason: string) => void) | undefined
  /** Of the answer; 32 MiB when absent. */
  readonly maxBytes?: number | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Parsed; undefined where it was not JSON. */
  readonly body: unknown
  readonly text: string
}

const maxListBytes = 32 * 1024 * 1024

export function createEngine(options: { baseUrl: string; label: string; apiKey?: string | undefined }): Engine {
  const { baseUrl, label, apiKey } = options
  return {
    http: createEngineHttp({ baseUrl, label }),
    label,
    auth: apiKey === undefined || apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` },
  }
}

/** The answer as it is, whatever its status. Throws for what never became an answer. */
export function ask(engine: Engine, request: Ask): Promise<Answer> {
  return engine.http.json({
    method: request.method ?? 'GET',
    path: request.path,
    ...(request.body !== undefined && { body: request.body }),
    headers: request.anonymous === true ? {} : { ...engine.auth },
    signal: request.signal,
    maxBytes: request.maxBytes ?? maxListBytes,
    ...(request.headersTimeoutMs !== undefined && { headersTimeoutMs: request.headersTimeoutMs }),
    retry: request.retry ?? (request.method ?? 'GET') === 'GET',
    ...(request.onRetry && { onRetry: request.onRetry }),
  })
}

/** The body of a good answer. Throws the engine's error, also one inside a 200. */
export async function askJson(engine: Engine, request: Ask, context: Omit<FailureContext, 'label'> = {}): Promise<unknown> {
  return goodBody(engine, await ask(engine, request), context)
}

export function goodBody(engine: Engine, answer: Answer, context: Omit<FailureContext, 'label'> = {}): unknown {
  const { status, body } = answer
  if (status < 200 || status >= 300 || errorOf(body) !== undefined)
    throw engineError(answer, { ...context, label: engine.label, keyed: 'authorization' in engine.auth })
  if (typeof body !== 'object' || body === null) throw notJson(engine, answer)
  return body
}

function notJson(engine: Engine, answer: Answer): ModelyardError {
  const what = answer.text.trimStart().startsWith('<') ? 'a web page' : answer.text === '' ? 'nothing' : 'something else'
  return new ModelyardError('provider_protocol', `${engine.label}: expected a JSON object; ${what} came.`)
}
