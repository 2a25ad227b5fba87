/** Have two files the same bytes? */
import { createHash } from 'node:crypto'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { abortReason } from '../contract/index.ts'

const pieceBytes = 2 ** 20
const samples = 16
const sampleBytes = 64 * 1024

/** Read whole, both of them, up to the first difference. */
export async function sameBytes(a: string, b: string, signal: AbortSignal): Promise<boolean> {
  await using left = await open(a, 'r')
  await using right = await open(b, 'r')
  const pieces = [Buffer.allocUnsafe(pieceBytes), Buffer.allocUnsafe(pieceBytes)] as const
  for (let at = 0; ; at += pieceBytes) {
    if (signal.aborted) throw abortReason(signal)
    const [one, other] = await Promise.all([readAt(left, pieces[0], at), readAt(right, pieces[1], at)])
    if (!one.equals(other)) return false
    if (one.length < pieceBytes) return true
  }
}

/** The same by their sizes and by samples: enough where nothing is lost by an error. */
export async function alikeBytes(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([stat(a), stat(b)])
  return one.size === other.size && (await sampleOf(a, one.size)) === (await sampleOf(b, one.size))
}

/** A few places of its first bytes, spread over all of them: files that differ in it differ, others may be the same. */
export async function sampleOf(path: string, bytes: number): Promise<string> {
  await using file = await open(path, 'r')
  const hash = createHash('sha256')
  const piece = Buffer.allocUnsafe(Math.min(sampleBytes, bytes))
  for (let index = 0; index < samples; index += 1) {
    hash.update(await readAt(file, piece, Math.floor((Math.max(0, bytes - sampleBytes) / (samples - 1)) * index)))
  }
  return hash.digest('hex')
}

/** As much as there is. */
async function readAt(file: FileHandle, piece: Buffer, at: number): Promise<Buffer> {
  let filled = 0
  while (filled < piece.length) {
    const { bytesRead } = await file.read(piece, filled, piece.length - filled, at + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return piece.subarray(0, filled)
}
