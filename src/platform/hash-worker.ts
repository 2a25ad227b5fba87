/** A thread that hashes a file behind its contiguous front, out of the page cache: the digest is there with the last byte. */
import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

const { path, bytes } = workerData as { path: string; bytes: number }
const tellEveryBytes = 64 * 2 ** 20
const file = openSync(path, 'r')
const hash = createHash('sha256')
const buffer = Buffer.allocUnsafe(2 ** 20)
let at = 0
let told = 0

const follow = (front: number): void => {
  while (at < front) {
    const read = readSync(file, buffer, 0, Math.min(buffer.length, front - at), at)
    if (read === 0) throw new Error('the file is shorter than it was said to be')
    hash.update(buffer.subarray(0, read))
    at += read
    if (at - told >= tellEveryBytes) tell()
  }
  if (at < bytes) return
  closeSync(file)
  parentPort?.postMessage(hash.digest('hex'))
  parentPort?.close()
}

function tell(): void {
  told = at
  parentPort?.postMessage(at)
}

parentPort?.on('message', follow)
