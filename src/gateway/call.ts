/** One request at the gateway: who asks, in which dialect, and everything that is written to it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ModelyardError } from '../contract/index.ts'
import type { Admitted } from '../yard/admit.ts'
import type { Dialect } from './dialect.ts'

export interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly dialect: Dialect
  /** The path in its dialect, such as `/v1/messages`: known when it was let in. */
  path: string
  /** The client left, its token was revoked, or the service ends. */
  readonly signal: AbortSignal
  /** Its client reads events or lines as they come: known when its body was read. */
  streams: boolean
  /** It is cut when it takes nothing for so long. */
  readonly stalledMs: number
  /** It is waited for just now. */
  watched?: boolean
  /** What was written last breaks off inside an event or a line. */
  breaksOff?: boolean
  /** Who answers, once somebody was found. */
  admitted?: Admitted
}

export const otherAnswered = (engine: string, said: string, asked: string): ModelyardError =>
  new ModelyardError('provider_protocol', `${engine}: "${said.slice(0, 100)}" answered where "${asked}" was asked.`, { retryable: true })

const retryAfterSeconds = 5

/** The beginning of an answer (200), unless it has begun already while its client waited. `length`: in bytes, as the engine said it. */
export function begin({ response, admitted }: Call, type: string, length?: string): void {
  if (response.headersSent) return
  response.writeHead(200, { 'content-type': type, ...(length !== undefined && { 'content-length': length }), ...whoAnswers(admitted) })
}

const whoAnswers = (admitted: Admitted | undefined): Record<string, string> => ({
  // Names of models may have letters that a header may not.
  ...(admitted && { 'x-modelyard-model': encodeURI(admitted.ref) }),
  ...(admitted?.epoch !== undefined && { 'x-modelyard-epoch': String(admitted.epoch) }),
})

/** A whole answer of ours. Where another has begun it cannot be said any more: the connection is broken off. */
export function sendJson({ response, admitted }: Call, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return void response.destroy()
  const text = JSON.stringify(body)
  const head = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...whoAnswers(admitted) }
  response.writeHead(status, head)
  response.end(text)
}

/** Ends in the dialect's error: as the answer, inside the stream that has begun, or, where that cannot say it, by breaking off. */
export function fail(call: Call, error: ModelyardError): void {
  const { response, dialect } = call
  if (response.destroyed || response.writableEnded) return
  if (response.headersSent) {
    if (!call.streams) return void response.destroy()
    const apart = call.breaksOff ? (dialect.streamType === 'text/event-stream' ? '\n\n' : '\n') : ''
    response.end(apart + dialect.streamError(error))
    return
  }
  const { status, body } = dialect.error(error)
  if (status === 503 || status === 429) response.setHeader('retry-after', String(retryAfterOf(error)))
  if (dialect.retryHeader !== undefined) response.setHeader(dialect.retryHeader, String(error.retryable))
  // What is still on its way of the request would be taken for the next one.
  if (!call.request.complete) response.setHeader('connection', 'close')
  if (error.code === 'unauthorized') response.setHeader('www-authenticate', 'Bearer')
  sendJson(call, status, body)
}

function retryAfterOf({ details }: ModelyardError): number {
  const said = details?.retryAfterSeconds
  return typeof said === 'number' && said > 0 ? Math.ceil(said) : retryAfterSeconds
}
