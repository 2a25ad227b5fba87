/**
 * The one way to speak HTTP to a model server: no redirects, no proxies, no cookies, limits on everything that comes
 * back, and every failure as one of our codes. What an engine sends is attacker data.
 */
import { Client, type Dispatcher, Pool } from 'undici'
import { abortReason, ModelyardError } from '../contract/index.ts'
import { parsedJson } from '../util/json/parsed-json.ts'
import { engineFailure } from './engine-failure.ts'
import { gatherBytes } from './gathered-bytes.ts'
import { lookUp } from './look-up.ts'
import { countingConnector, diedUnheard } from './reused-connection.ts'

export interface EngineRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'DELETE'
  /** Below the base URL, with its leading slash. */
  readonly path: string
  /** Sent as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Once more on a fresh connection when a kept one died before any answer; GETs do so unasked. */
  readonly retry?: boolean
  readonly onRetry?: (reason: string) => void
}

export interface EngineJsonRequest extends EngineRequest {
  /** Default 16 MiB. */
  readonly maxBytes?: number
  /** Until the answer begins; default: no limit but the signal's. */
  readonly headersTimeoutMs?: number
}

export interface EngineStreamRequest extends EngineRequest {
  /** Until the answer begins; default 10 minutes. */
  readonly firstByteMs?: number
  /** Between two pieces of the answer; default 2 minutes. Does not run while the reader pauses. */
  readonly idleMs?: number
}

export interface EngineAnswer {
  readonly status: number
  /** Lower case; of repeated headers the first. */
  readonly headers: Record<string, string>
}

export interface EngineHttp {
  /** `body` is undefined when the answer is not JSON. Statuses other than 3xx are answers, not errors. */
  json(request: EngineJsonRequest): Promise<EngineAnswer & { body: unknown; text: string }>
  /** Nothing is read faster than the iterator is pulled; leaving it ends the connection. */
  stream(request: EngineStreamRequest): Promise<EngineAnswer & { body: AsyncIterable<Uint8Array> }>
  close(): Promise<void>
}

export interface EngineHttpOptions {
  readonly baseUrl: string
  /** Sent with every request. */
  readonly headers?: () => Record<string, string>
  /** How the engine is called in errors. */
  readonly label: string
}

const defaultMaxBytes = 16 * 2 ** 20
/** Silence that is borne before an answer begins, and within it. */
export const defaultFirstByteMs = 600_000
export const defaultIdleMs = 120_000
/** A connection is not kept longer than the shortest keep-alive of known engines. */
const keepAliveMs = 4000
const connectMs = 5000
const maxHeaderBytes = 64 * 1024

/** Of every connection to an engine. */
export const connectionSettings = (): Client.Options => ({
  keepAliveTimeout: keepAliveMs,
  keepAliveMaxTimeout: keepAliveMs,
  connect: countingConnector({ timeout: connectMs, autoSelectFamily: true, lookup: lookUp }),
  maxHeaderSize: maxHeaderBytes,
})

export function createEngineHttp(options: EngineHttpOptions): EngineHttp {
  const { origin, pathname } = new URL(options.baseUrl)
  const prefix = pathname.replace(/\/+$/, '')
  const settings = connectionSettings()
  const pool = new Pool(origin, { ...settings, connections: null, pipelining: 1 })
  const fresh = new Set<Client>()

  const dispatchOptions = (request: EngineRequest, times: { headersTimeout: number; bodyTimeout: number }): Dispatcher.RequestOptions => ({
    method: request.method ?? 'GET',
    path: prefix + request.path,
    headers: {
      'accept-encoding': 'identity',
      ...options.headers?.(),
      ...(request.body !== undefined && { 'content-type': 'application/json' }),
      ...request.headers,
    },
    body: request.body === undefined ? null : JSON.stringify(request.body),
    signal: request.signal,
    ...times,
  })

  const send = async (request: EngineRequest, times: { headersTimeout: number; bodyTimeout: number }): Promise<Dispatcher.ResponseData> => {
    if (request.signal.aborted) throw abortReason(request.signal)
    const dispatch = dispatchOptions(request, times)
    try {
      return await pool.request(dispatch)
    } catch (error) {
      const again = (request.retry ?? (request.method ?? 'GET') === 'GET') && diedUnheard(error) && !request.signal.aborted
      if (!again) throw engineFailure(error, options.label, request.signal)
      request.onRetry?.('the connection had been closed by the engine')
      return await sendFresh(dispatch, request.signal)
    }
  }

  /** Other kept connections may be dead as well; this one is new, and not kept. */
  const sendFresh = async (dispatch: Dispatcher.RequestOptions, signal: AbortSignal): Promise<Dispatcher.ResponseData> => {
    const client = new Client(origin, { ...settings, pipelining: 0 })
    fresh.add(client)
    const letGo = (): void => {
      fresh.delete(client)
      void client.destroy()
    }
    try {
      const answer = await client.request(dispatch)
      answer.body.once('close', letGo)
      return answer
    } catch (error) {
      letGo()
      throw engineFailure(error, options.label, signal)
    }
  }

  return {
    async json(request) {
      const answer = await send(request, { headersTimeout: request.headersTimeoutMs ?? 0, bodyTimeout: defaultIdleMs })
      await refuseRedirect(answer, options.label)
      const text = await readAll(answer, request, options.label)
      return { status: answer.statusCode, headers: flat(answer.headers), body: parsedJson(text), text }
    },
    async stream(request) {
      const answer = await send(request, {
        headersTimeout: request.firstByteMs ?? defaultFirstByteMs,
        bodyTimeout: request.idleMs ?? defaultIdleMs,
      })
      await refuseRedirect(answer, options.label)
      return { status: answer.statusCode, headers: flat(answer.headers), body: pieces(answer.body, options.label, request.signal) }
    },
    async close() {
      await Promise.all([pool, ...fresh].map((one) => one.destroy()))
    },
  }
}

async function refuseRedirect({ statusCode, body }: Dispatcher.ResponseData, label: string): Promise<void> {
  if (statusCode < 300 || statusCode > 399 || statusCode === 304) return
  body.on('error', () => {}).destroy()
  throw new ModelyardError('provider_protocol', `${label} answered with a redirect (${statusCode}), which is never followed.`, {
    hint: 'Give the address of the model server itself.',
  })
}

async function readAll({ body }: Dispatcher.ResponseData, request: EngineJsonRequest, label: string): Promise<string> {
  const limit = request.maxBytes ?? defaultMaxBytes
  const gathered = gatherBytes(
    limit,
    () => new ModelyardError('provider_protocol', `${label} sent more than the ${limit} bytes that such an answer may have.`),
  )
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) gathered.add(chunk)
  } catch (error) {
    throw engineFailure(error, label, request.signal, { begun: true })
  }
  return gathered.take().toString('utf8')
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const result: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value
    if (first !== undefined) result[name.toLowerCase()] = first
  }
  return result
}

/** The body piece by piece, its failures in our words. */
function pieces(body: Dispatcher.ResponseData['body'], label: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const failed = (error: unknown): never => {
    throw engineFailure(error, label, signal, { begun: true })
  }
  // It may fail before it is read, or after it was left: told by `next`, or to nobody.
  body.on('error', () => {})
  return {
    [Symbol.asyncIterator]() {
      const inner = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
      return {
        next: () => inner.next().catch(failed),
        async return() {
          body.destroy()
          return { done: true as const, value: undefined }
        },
      }
    },
  }
}
