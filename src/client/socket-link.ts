import { ModelyardError } from '../contract/index.ts'
import { deferred } from '../util/deferred.ts'
import type { Call } from './transport.ts'
import type { WebSocketConstructor, WebSocketLike } from './types.ts'

/** A message that belongs to a call: parts of a streamed answer first, then one with the status. */
export interface Answer {
  readonly id: string
  readonly status?: number
  readonly body?: unknown
  readonly event?: unknown
}

export interface CallListener {
  answer(answer: Answer): void
  lost(error: ModelyardError): void
}

/** One socket that was accepted. */
export interface SocketLink {
  /** Sends a call. Returns what cancels it; after that the listener hears nothing. */
  call(call: Call, listener: CallListener): () => void
  /** Resolves when the socket is closed. */
  readonly lost: Promise<void>
  close(): void
}

/**
 * Opens a socket, gives the token as its first message, and resolves with the first event: nothing is sent before the
 * token is accepted. The events that the service pushes by itself are not used: whoever wants events calls for them.
 */
export function openLink(address: string, WebSocket: WebSocketConstructor, token: string | undefined): Promise<SocketLink> {
  const socket = new WebSocket(address)
  const accepted = deferred<SocketLink>()
  const closed = deferred<void>()
  const calls = new Map<string, CallListener>()
  let isAccepted = false
  const link = linkOver(socket, calls, closed.promise)

  socket.addEventListener('open', () => {
    if (token !== undefined) socket.send(JSON.stringify({ token }))
  })
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Partial<Answer> & { type?: string }
    if (typeof message.id === 'string' && message.type === undefined) return answer(calls, message as Answer)
    if (message.type === undefined) return
    isAccepted = true
    accepted.resolve(link)
  })
  // After an error there is always a close; without a listener `ws` would throw it.
  socket.addEventListener('error', () => {})
  socket.addEventListener('close', ({ code, reason }) => {
    // 4401 is the service's word for a token that is wrong or late. Later it only says that another one is needed now.
    const error = code === 4401 && !isAccepted ? new ModelyardError('unauthorized') : closeError(address, code, reason)
    accepted.reject(error)
    closed.resolve()
    const open = [...calls.values()]
    calls.clear()
    for (const listener of open) listener.lost(error)
  })
  return accepted.promise
}

function linkOver(socket: WebSocketLike, calls: Map<string, CallListener>, lost: Promise<void>): SocketLink {
  let last = 0
  return {
    call({ method, path, body }, listener) {
      const id = String(++last)
      calls.set(id, listener)
      socket.send(JSON.stringify({ id, method, path, body }))
      return () => {
        if (calls.delete(id)) socket.send(JSON.stringify({ id, cancel: true }))
      }
    },
    lost,
    close: () => socket.close(1000),
  }
}

function answer(calls: Map<string, CallListener>, message: Answer): void {
  const listener = calls.get(message.id)
  if (message.status !== undefined) calls.delete(message.id)
  listener?.answer(message)
}

function closeError(address: string, code: number, reason: string): ModelyardError {
  const said = reason === '' ? '' : `, "${reason}"`
  return new ModelyardError('service_unreachable', `The connection to ${address} was closed (${code}${said}).`)
}
