import type { ModelyardError } from '../contract/index.ts'
import { deferred } from '../util/deferred.ts'
import type { Call } from './transport.ts'
import type { WebSocketLike } from './types.ts'

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

/** The calls that are under way over one socket. */
export interface SocketCalls {
  /** Sends a call. Returns what cancels it; after that the listener hears nothing. */
  call(call: Call, listener: CallListener): () => void
  answer(answer: Answer): void
  /** All of them are lost, and so is whatever is called later. Only the first end counts. */
  end(error: ModelyardError): void
  /** Resolves with the end. */
  readonly lost: Promise<void>
  readonly ended: boolean
}

export function callsOver(socket: WebSocketLike): SocketCalls {
  const listeners = new Map<string, CallListener>()
  const lost = deferred<void>()
  let end: ModelyardError | undefined
  let last = 0
  return {
    call({ method, path, body }, listener) {
      if (end) {
        listener.lost(end)
        return () => {}
      }
      const id = String(++last)
      listeners.set(id, listener)
      socket.send(JSON.stringify({ id, method, path, body }))
      return () => {
        if (listeners.delete(id)) socket.send(JSON.stringify({ id, cancel: true }))
      }
    },
    answer(answer) {
      const listener = listeners.get(answer.id)
      if (answer.status !== undefined) listeners.delete(answer.id)
      listener?.answer(answer)
    },
    end(error) {
      if (end) return
      end = error
      lost.resolve()
      const open = [...listeners.values()]
      listeners.clear()
      for (const listener of open) listener.lost(error)
    },
    lost: lost.promise,
    get ended() {
      return end !== undefined
    },
  }
}
