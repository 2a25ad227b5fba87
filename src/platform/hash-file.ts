/** SHA-256 of a whole file: a small one at once, a large one by a thread. */
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { abortReason } from '../contract/index.ts'
import { followHash } from './hash-follower.ts'
import { untilAborted } from './until-aborted.ts'

export interface HashContext {
  readonly signal: AbortSignal
  readonly onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined
}

/** A thread costs more than hashing so little. */
const smallBytes = 2 ** 20

/** Of its first `bytes`, which are all of it. An abort ends the thread. */
export async function hashFile(path: string, bytes: number, { signal, onProgress }: HashContext): Promise<string> {
  if (signal.aborted) throw abortReason(signal)
  if (bytes <= smallBytes) return hashSmall(path, bytes)
  const follower = followHash(path, bytes, (done) => onProgress?.(done, bytes))
  try {
    follower.advance(bytes)
    return await untilAborted(follower.digest, signal)
  } finally {
    await follower.close()
  }
}

async function hashSmall(path: string, bytes: number): Promise<string> {
  const file = await open(path)
  try {
    const data = Buffer.alloc(bytes)
    for (let at = 0; at < bytes; ) {
      const { bytesRead } = await file.read(data, at, bytes - at, at)
      if (bytesRead === 0) throw new Error('the file is shorter than it was said to be')
      at += bytesRead
    }
    return createHash('sha256').update(data).digest('hex')
  } finally {
    await file.close()
  }
}
