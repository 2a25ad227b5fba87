import { ModelyardError } from '../contract/index.ts'
import { deferred } from '../util/deferred.ts'
import { waitAtMost } from './pause.ts'
import { silenceMs, watchSilence } from './silence.ts'
import { type Answer, callsOver, type SocketCalls } from './socket-calls.ts'
import type { WebSocketConstructor } from './types.ts'

/** So long may a socket take to be closed in good order. */
const farewellMs = 1000

/** One socket that was accepted. */
export interface SocketLink extends Pick<SocketCalls, 'call' | 'lost'> {
  /** Loses every call at once. Resolves when the socket is closed, and soon where the other end says nothing. */
  close(): Promise<void>
}

export interface LinkOptions {
  readonly address: string
  readonly WebSocket: WebSocketConstructor
  readonly token: string | undefined
  /** Closes it, accepted or not. */
  readonly signal: AbortSignal
}

/**
 * Opens a socket, gives the token as its first message, and resolves with the first event: nothing is sent before the
 * token is accepted. The events that the service pushes by itself are a sign of life only: whoever wants events calls
 * for them. A link that is silent for too long is lost at once; its socket may take minutes to find that out.
 */
export function openLink({ address, WebSocket, token, signal }: LinkOptions): Promise<SocketLink> {
  const socket = new WebSocket(address)
  const accepted = deferred<SocketLink>()
  const closed = deferred<void>()
  const calls = callsOver(socket)
  let isAccepted = false

  const end = (error: ModelyardError): void => {
    silence.rest()
    signal.removeEventListener('abort', abort)
    accepted.reject(error)
    calls.end(error)
  }
  const leave = async (why: string): Promise<void> => {
    end(new ModelyardError('service_unreachable', `The connection to ${address} ${why}.`))
    socket.close(1000)
    await waitAtMost(farewellMs, closed.promise)
  }
  const abort = (): void => void leave('was closed')
  const silence = watchSilence(silenceMs, () => void leave('has fallen silent'))
  silence.heard()
  signal.addEventListener('abort', abort, { once: true })

  socket.addEventListener('open', () => {
    if (token !== undefined) socket.send(JSON.stringify({ token }))
  })
  socket.addEventListener('message', ({ data }) => {
    if (calls.ended) return
    silence.heard()
    const message = messageIn(data)
    if (!message) return void leave('brings what is no message of a Modelyard service')
    if (typeof message.id === 'string' && message.type === undefined) return calls.answer(message as Answer)
    if (message.type === undefined) return
    isAccepted = true
    accepted.resolve({ call: calls.call, lost: calls.lost, close: () => leave('was closed') })
  })
  // After an error there is always a close; without a listener `ws` would throw it.
  socket.addEventListener('error', () => {})
  socket.addEventListener('close', ({ code, reason }) => {
    // 4401 is the service's word for a token that is wrong or late. Later it only says that another one is needed now.
    end(code === 4401 && !isAccepted ? new ModelyardError('unauthorized') : closeError(address, code, reason))
    closed.resolve()
  })
  return accepted.promise
}

function messageIn(data: unknown): (Partial<Answer> & { type?: string }) | undefined {
  try {
    const message: unknown = JSON.parse(String(data))
    return typeof message === 'object' && message !== null ? message : undefined
  } catch {
    return undefined
  }
}

function closeError(address: string, code: number, reason: string): ModelyardError {
  const said = reason === '' ? '' : `, "${reason}"`
  return new ModelyardError('service_unreachable', `The connection to ${address} was closed (${code}${said}).`)
}
