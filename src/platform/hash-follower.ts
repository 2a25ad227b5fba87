/** The thread that hashes, seen from outside. */
import { deferred } from '../util/deferred.ts'
import type { HashWork } from './hash-worker.ts'
import { startThread } from './start-thread.ts'

export interface HashFollower {
  /** Everything before it is written, and stays as it is. */
  advance(front: number): void
  /** SHA-256 of all bytes, once the front has reached the end. */
  readonly digest: Promise<string>
  close(): Promise<void>
}

/** The front is told in pieces of so many bytes: a number of 32 bits is enough for any file. */
const pieceBytes = 2 ** 20

/** `onProgress` is told now and then how many bytes are hashed. */
export function followHash(path: string, bytes: number, onProgress?: (bytesDone: number) => void): HashFollower {
  const front = new Int32Array(new SharedArrayBuffer(4))
  const work: HashWork = { path, bytes, front, pieceBytes, tells: onProgress !== undefined }
  const worker = startThread('hash-worker', import.meta.url, work)
  const digest = deferred<string>()
  worker.on('message', (said: string | number) => (typeof said === 'number' ? onProgress?.(said) : digest.resolve(said)))
  worker.once('error', (error: Error) => digest.reject(error))
  worker.once('exit', () => digest.reject(new Error('the hashing thread ended')))
  return {
    advance(to) {
      Atomics.store(front, 0, to >= bytes ? Math.ceil(bytes / pieceBytes) : Math.floor(to / pieceBytes))
      Atomics.notify(front, 0)
    },
    digest: digest.promise,
    close: async () => void (await worker.terminate()),
  }
}
