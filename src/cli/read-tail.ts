import { type FileHandle, open } from 'node:fs/promises'

const blockBytes = 65_536
const newline = 10

export interface Tail {
  readonly lines: string[]
  /** Where the last whole line ends, in bytes: reading on from here misses nothing. */
  readonly end: number
}

/** The last whole lines of a file, read from its end. `from`: nothing before this byte. A file that is not there has none. */
export async function readTail(path: string, { lines, from = 0 }: { lines: number; from?: number }): Promise<Tail> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch {
    return { lines: [], end: from }
  }
  try {
    return await lastLines(file, lines, from)
  } finally {
    await file.close()
  }
}

async function lastLines(file: FileHandle, count: number, from: number): Promise<Tail> {
  const { size } = await file.stat()
  let tail = Buffer.alloc(0)
  for (let start = size; start > from && newlinesIn(tail) <= count; ) {
    const length = Math.min(blockBytes, start - from)
    start -= length
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start)
    tail = Buffer.concat([buffer.subarray(0, bytesRead), tail])
  }
  const whole = tail.lastIndexOf(newline) + 1
  const lines = tail.subarray(0, whole).toString('utf8').split('\n').slice(0, -1)
  return { lines: lines.slice(-count), end: size - (tail.length - whole) }
}

const newlinesIn = (bytes: Buffer): number => bytes.reduce((count, byte) => count + (byte === newline ? 1 : 0), 0)
