/**
 * The WebSocket at `/yard/v1/events`: the same events as the stream, byte for byte, and calls of any route over the
 * same connection, through the same router with the same token. For windows that can open nothing else.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Caller, ControlApi } from '../api/control-api.ts'
import { type ModelyardError, routes, toProblem } from '../contract/index.ts'
import { bearerIn } from '../util/bearer.ts'
import type { Access } from './access.ts'
import { closeCodes } from './close-codes.ts'
import { callerOf, valuesOf } from './door.ts'
import { createSocketSession } from './socket-session.ts'

export interface SocketDoorOptions {
  readonly api: ControlApi
  readonly access: Access
  readonly judge: (request: IncomingMessage) => { refusal: ModelyardError } | { origin: string | undefined }
  readonly log: (message: string, error?: unknown) => void
}

export interface SocketDoor {
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  close(): void
}

const maxMessageBytes = 2 ** 20
/** Until the token comes as the first message. */
const tokenMs = 5000
const farewellMs = 500

export function createSocketDoor({ api, access, judge, log }: SocketDoorOptions): SocketDoor {
  const server = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, perMessageDeflate: false, clientTracking: true })
  /** With what each came in. */
  const tokens = new Map<WebSocket, string>()
  const unwatch = access.onRevoke(() => {
    for (const [socket, token] of tokens) if (!controls(token)) leave(socket, 'The token opens nothing any more.')
  })
  const controls = (token: string): boolean => access.accessOf(token)?.scope === 'control'

  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    stream.on('error', () => stream.destroy())
    const judged = judge(request)
    if ('refusal' in judged) {
      log(`refused: ${judged.refusal.message} ${judged.refusal.hint}`)
      return refuse(stream, toProblem(judged.refusal).status)
    }
    const url = new URL(request.url ?? '/', 'http://modelyard.invalid')
    if (url.pathname !== routes.events.path) return refuse(stream, 404)
    const headers = valuesOf(request, 'authorization')
    const token = headers.length === 1 ? bearerIn(headers[0] ?? '') : undefined
    if (headers.length > 0) {
      const holder = token === undefined ? undefined : access.accessOf(token)
      if (holder?.scope !== 'control') return refuse(stream, holder ? 403 : 401)
    }
    server.handleUpgrade(request, stream, head, (socket) => open(socket, { caller: callerOf(request), query: url.search }, token))
  }

  const open = (socket: WebSocket, asked: { caller: Caller; query: string }, token: string | undefined): void => {
    socket.on('error', () => socket.terminate())
    if (token !== undefined) return begin(socket, token, asked)
    const timer = setTimeout(() => socket.close(closeCodes.unauthorized, 'No token came.'), tokenMs)
    socket.once('close', () => clearTimeout(timer))
    socket.once('message', (data) => {
      clearTimeout(timer)
      const given = tokenIn(String(data))
      if (given === undefined || !controls(given)) return socket.close(closeCodes.unauthorized, 'The token is not the right one.')
      begin(socket, given, asked)
    })
  }

  const begin = (socket: WebSocket, token: string, asked: { caller: Caller; query: string }): void => {
    tokens.set(socket, token)
    socket.once('close', () => tokens.delete(socket))
    createSocketSession({ socket, api, token, ...asked })
  }

  return {
    upgrade,
    close() {
      unwatch()
      for (const socket of server.clients) socket.close(closeCodes.goingAway, 'The service is shutting down.')
    },
  }
}

/** Whoever does not answer the farewell is cut off. */
function leave(socket: WebSocket, why: string): void {
  socket.close(closeCodes.unauthorized, why)
  setTimeout(() => socket.terminate(), farewellMs).unref()
}

function tokenIn(text: string): string | undefined {
  try {
    const said: unknown = JSON.parse(text)
    const token = typeof said === 'object' && said !== null && 'token' in said ? said.token : undefined
    return typeof token === 'string' ? token : undefined
  } catch {
    return undefined
  }
}

const words: Readonly<Record<number, string>> = { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found' }

function refuse(stream: Duplex, status: number): void {
  stream.end(`HTTP/1.1 ${status} ${words[status] ?? 'Refused'}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
}
