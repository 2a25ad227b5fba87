/** A thread that hashes a file behind its contiguous front, out of the page cache: the digest is there with the last byte. */
import { createHash } from 'node:crypto'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

export interface HashWork {
  readonly path: string
  readonly bytes: number
  /** So many pieces lie here; told by a notification. */
  readonly front: Int32Array
  readonly pieceBytes: number
  readonly tells: boolean
}

const tellEveryBytes = 64 * 2 ** 20
const { path, bytes, front, pieceBytes, tells } = workerData as HashWork
const file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
const hash = createHash('sha256')
const buffer = Buffer.allocUnsafe(2 ** 20)
let told = 0
for (let at = 0, seen = 0; at < bytes; ) {
  const here = Math.min(seen * pieceBytes, bytes) - at
  const read = here > 0 ? readSync(file, buffer, 0, Math.min(buffer.length, here), at) : 0
  if (here > 0 && read === 0) throw new Error('the file is shorter than it was said to be')
  hash.update(buffer.subarray(0, read))
  at += read
  if (tells && at - told >= tellEveryBytes) {
    told = at
    parentPort?.postMessage(at)
  }
  if (read > 0) continue
  Atomics.wait(front, 0, seen)
  seen = Atomics.load(front, 0)
}
closeSync(file)
parentPort?.postMessage(hash.digest('hex'))
