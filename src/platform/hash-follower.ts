/** The thread that hashes, seen from outside. */
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { deferred } from '../util/deferred.ts'

export interface HashFollower {
  /** Everything before it is written, and stays as it is. */
  advance(front: number): void
  /** SHA-256 of all bytes, once the front has reached the end. */
  readonly digest: Promise<string>
  close(): Promise<void>
}

/** `onProgress` is told now and then how many bytes are hashed. */
export function followHash(path: string, bytes: number, onProgress?: (bytesDone: number) => void): HashFollower {
  const worker = startWorker({ path, bytes })
  const digest = deferred<string>()
  worker.on('message', (said: string | number) => (typeof said === 'number' ? onProgress?.(said) : digest.resolve(said)))
  worker.once('error', (error: Error) => digest.reject(error))
  worker.once('exit', () => digest.reject(new Error('the hashing thread ended')))
  return {
    advance: (front) => worker.postMessage(front),
    digest: digest.promise,
    close: async () => void (await worker.terminate()),
  }
}

/** A real file: what is built beside the bundle, or the source of it. A thread does not inherit the loader that reads sources. */
function startWorker(workerData: { path: string; bytes: number }): Worker {
  const fromSource = import.meta.url.endsWith('.ts')
  if (!fromSource) return new Worker(fileURLToPath(new URL('./hash-worker.js', import.meta.url)), { workerData })
  const source = JSON.stringify(new URL('./hash-worker.ts', import.meta.url).href)
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'))
  return new Worker(`import(${loader}).then(({ register }) => { register(); return import(${source}) })`, {
    eval: true,
    execArgv: [],
    workerData,
  })
}
