import { abortReason, ModelyardError } from '../contract/index.ts'
import { deferred } from '../util/deferred.ts'
import { lost, refusal } from './errors.ts'
import { eventQueue } from './event-queue.ts'
import { openLink, type SocketLink } from './socket-link.ts'
import type { Call, Reply, Transport } from './transport.ts'
import type { ClientOptions, WebSocketConstructor } from './types.ts'

export interface SocketTransport extends Transport {
  /** Makes the connection now instead of at the first call. */
  open(): Promise<void>
  close(): Promise<void>
}

/** Every call and every stream over one socket, which is made again by the next call when it was lost. */
export function socketTransport(options: ClientOptions): SocketTransport {
  let current: Promise<SocketLink> | undefined
  const closing = new AbortController()

  function link(): Promise<SocketLink> {
    if (closing.signal.aborted) throw wasClosed()
    if (current) return current
    const opening = open(options, closing.signal)
    current = opening
    const forget = (): void => {
      if (current === opening) current = undefined
    }
    opening.then((made) => made.lost.then(forget), forget)
    return opening
  }

  return {
    open: async () => void (await link()),
    async send(call) {
      return ask(await unlessAborted(call.signal, link), call)
    },
    async *stream(call) {
      yield* listen(await unlessAborted(call.signal, link), call)
    },
    async close() {
      closing.abort()
      const made = await current?.catch(() => undefined)
      await made?.close()
    },
  }
}

const wasClosed = (): ModelyardError => new ModelyardError('service_unreachable', 'This connection was closed.', { retryable: false })

/** What is given up while the connection is still being made is never asked of the service. */
async function unlessAborted<T>(signal: AbortSignal | undefined, make: () => Promise<T>): Promise<T> {
  if (!signal) return make()
  if (signal.aborted) throw abortReason(signal)
  const aborted = deferred<never>()
  const abort = (): void => aborted.reject(abortReason(signal))
  signal.addEventListener('abort', abort, { once: true })
  try {
    const made = await Promise.race([make(), aborted.promise])
    if (signal.aborted) throw abortReason(signal)
    return made
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

async function open({ url, token, WebSocket }: ClientOptions, signal: AbortSignal): Promise<SocketLink> {
  const address = `${url.replace(/^http/, 'ws')}/yard/v1/events`
  const Socket = WebSocket ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket
  if (!Socket) throw new ModelyardError('invalid_request', 'There is no WebSocket here: pass one to createClient, such as that of "ws".')
  try {
    const given = typeof token === 'function' ? await token() : token
    if (signal.aborted) throw wasClosed()
    return await openLink({ address, WebSocket: Socket, token: given, signal })
  } catch (error) {
    throw lost(url, error)
  }
}

async function ask(link: SocketLink, call: Call): Promise<Reply> {
  const reply = deferred<Reply>()
  const cancel = link.call(call, {
    answer: ({ status, body }) => status !== undefined && reply.resolve({ status, body }),
    lost: reply.reject,
  })
  const abort = (): void => {
    cancel()
    reply.reject(abortReason(call.signal as AbortSignal))
  }
  call.signal?.addEventListener('abort', abort, { once: true })
  try {
    return await reply.promise
  } finally {
    call.signal?.removeEventListener('abort', abort)
  }
}

async function* listen(link: SocketLink, call: Call): AsyncGenerator<unknown, void, void> {
  const queue = eventQueue<unknown>()
  const cancel = link.call(call, {
    answer({ status, body, event }) {
      if (event !== undefined) queue.push(event)
      if (status !== undefined) queue.end(status < 300 ? undefined : refusal({ status, body }))
    },
    lost: (error) => queue.end(error),
  })
  const abort = (): void => queue.end(abortReason(call.signal as AbortSignal))
  call.signal?.addEventListener('abort', abort, { once: true })
  try {
    yield* queue
  } finally {
    call.signal?.removeEventListener('abort', abort)
    cancel()
  }
}
