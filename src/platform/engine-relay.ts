/**
 * Requests whose answers are handed on byte by byte: undici's lowest door, without streams between. The limits of silence,
 * the connections and what dies unheard are those of `engine-http.ts`.
 */
import { Readable } from 'node:stream'
import { Client, type Dispatcher, Pool } from 'undici'
import { connectionSettings, defaultFirstByteMs, defaultIdleMs } from './engine-http.ts'

export interface RelayRequest {
  readonly path: string
  readonly headers: Record<string, string>
  /** In pieces; of one that is big none is copied. */
  readonly body: readonly Buffer[]
}

/** Silence that is borne before an answer begins, and within it; not while its reader pauses. */
export interface Silence {
  readonly firstByteMs: number
  readonly idleMs: number
}

export const usualSilence: Silence = { firstByteMs: defaultFirstByteMs, idleMs: defaultIdleMs }

export interface EngineRelay {
  /** `fresh`: over a new connection, which is not kept. */
  send(request: RelayRequest, handler: Dispatcher.DispatchHandler, fresh: boolean): void
  close(): Promise<void>
}

/** Up to here one piece is made of them: one write to the socket. */
const joinedBytes = 256 * 1024

export function createEngineRelay(origin: string, { firstByteMs, idleMs }: Silence): EngineRelay {
  const settings = connectionSettings()
  const pool = new Pool(origin, { ...settings, connections: null, pipelining: 1 })
  const fresh = new Set<Client>()

  const once = (): Client => {
    const client = new Client(origin, { ...settings, pipelining: 0 })
    fresh.add(client)
    client.once('disconnect', () => {
      fresh.delete(client)
      void client.destroy()
    })
    return client
  }

  return {
    send({ path, headers, body }, handler, anew) {
      const length = body.reduce((sum, piece) => sum + piece.length, 0)
      const options: Dispatcher.DispatchOptions = {
        method: 'POST',
        path,
        headers: { ...headers, 'content-length': String(length) },
        body: length <= joinedBytes ? Buffer.concat(body, length) : Readable.from(inPieces(body)),
        headersTimeout: firstByteMs,
        bodyTimeout: idleMs,
      }
      ;(anew ? once() : pool).dispatch(options, handler)
    },
    async close() {
      await Promise.all([pool, ...fresh].map((one) => one.destroy()))
    },
  }
}

async function* inPieces(body: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const piece of body) for (let at = 0; at < piece.length; at += joinedBytes) yield piece.subarray(at, at + joinedBytes)
}
