/**
 * Connections that know how many requests they carried. Only what dies on one that was kept from an earlier request,
 * before a byte of answer, may be sent again: there the engine had closed it while the request was on its way. A new
 * connection that dies says something about the request or the engine.
 */
import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { buildConnector } from 'undici'

interface Use {
  requests: number
  /** Bytes that had come when the last request was sent. */
  bytesBefore: number
}

const uses = new WeakMap<object, Use>()
const unheard = new WeakSet<object>()
let counting = false

export function countingConnector(options: buildConnector.BuildOptions): buildConnector.connector {
  if (!counting) subscribe('undici:client:sendHeaders', countRequest)
  counting = true
  const connect = buildConnector(options)
  return (target, done) =>
    connect(target, (...[error, socket]) => {
      if (error !== null) return done(error, null)
      remember(socket)
      done(null, socket)
    })
}

/** Did a kept connection die under this request before a byte of its answer came? */
export const diedUnheard = (error: unknown): boolean => typeof error === 'object' && error !== null && unheard.has(error)

/** Published by undici for each request, just before it is written; sockets of others are not in the map. */
function countRequest(message: unknown): void {
  const { socket } = message as { socket?: Socket }
  const use = socket && uses.get(socket)
  if (!socket || !use) return
  use.requests += 1
  use.bytesBefore = socket.bytesRead
}

function remember(socket: Socket): void {
  const use: Use = { requests: 0, bytesBefore: 0 }
  uses.set(socket, use)
  // The request fails with the very error that its socket did.
  socket.on('error', (error: Error) => {
    if (use.requests > 1 && socket.bytesRead === use.bytesBefore) unheard.add(error)
  })
}
