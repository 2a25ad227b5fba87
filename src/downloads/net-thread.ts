/** The thread of all downloads, seen from outside. It lives as long as one of them runs. */
import type { Worker } from 'node:worker_threads'
import { ModelyardError } from '../contract/error.ts'
import { startThread } from '../platform/start-thread.ts'
import { type Deferred, deferred } from '../util/deferred.ts'
import type { DownloadProgress } from './downloads.ts'
import type { Link } from './links.ts'
import type { DownloadOrder, FromNet, ToNet } from './messages.ts'

export interface NetThread {
  /** Answers when the file is whole and proven; aborting stops it and keeps what came. */
  run(order: DownloadOrder, handlers: RunHandlers): Running
  setLimit(bytesPerSecond: number | null): void
  close(): Promise<void>
}

export interface RunHandlers {
  readonly signal: AbortSignal
  readonly resolve: (signal: AbortSignal) => Promise<Link>
  readonly onProgress: (progress: DownloadProgress) => void
  readonly onVerified: () => void
}

export interface Running {
  readonly done: Promise<void>
  setLimit(bytesPerSecond: number | null): void
}

interface Known extends RunHandlers {
  readonly done: Deferred<void>
}

export function createNetThread(): NetThread {
  const all = new Map<number, Known>()
  let worker: Worker | undefined
  let limit: number | null = null
  let ending: Promise<unknown> | undefined
  let ids = 0

  const say = (message: ToNet): void => worker?.postMessage(message)
  const hear = (message: FromNet): void => {
    const one = all.get(message.id)
    if (!one) return
    if (message.kind === 'progress') one.onProgress(message.progress)
    else if (message.kind === 'verified') one.onVerified()
    else if (message.kind === 'resolve') void link(message.id, one)
    else if (message.error) end(message.id, ModelyardError.fromBody(message.error))
    else end(message.id)
  }
  const link = async (id: number, { resolve, signal }: Known): Promise<void> => {
    try {
      say({ kind: 'link', id, link: await resolve(signal) })
    } catch (error) {
      say({ kind: 'no-link', id, error: ModelyardError.from(error).toBody() })
    }
  }
  const end = (id: number, error?: Error): void => {
    const one = all.get(id)
    all.delete(id)
    if (all.size === 0) endThread()
    if (error) one?.done.reject(error)
    else one?.done.resolve()
  }
  const endThread = (): void => {
    const ended = worker
    worker = undefined
    ending = ended?.terminate()
  }
  const start = (): void => {
    const started = startThread('net-worker', import.meta.url)
    worker = started
    const lost = (error: Error): void => {
      if (worker !== started) return
      worker = undefined
      for (const id of [...all.keys()]) end(id, ModelyardError.from(error))
    }
    started.on('message', hear)
    started.on('error', lost)
    started.on('exit', () => lost(new Error('the thread of the downloads ended')))
    if (limit !== null) say({ kind: 'limit', bytesPerSecond: limit })
  }

  return {
    run(order, handlers) {
      const id = ++ids
      const one: Known = { ...handlers, done: deferred<void>() }
      all.set(id, one)
      if (!worker) start()
      say({ kind: 'start', id, order })
      const stop = (): void => say({ kind: 'stop', id })
      if (handlers.signal.aborted) stop()
      handlers.signal.addEventListener('abort', stop, { once: true })
      return {
        done: one.done.promise.finally(() => handlers.signal.removeEventListener('abort', stop)),
        setLimit: (bytesPerSecond) => say({ kind: 'limit', id, bytesPerSecond }),
      }
    },
    setLimit(bytesPerSecond) {
      limit = bytesPerSecond
      say({ kind: 'limit', bytesPerSecond })
    },
    async close() {
      await Promise.allSettled([...all.values()].map(({ done }) => done.promise))
      await ending
    },
  }
}
