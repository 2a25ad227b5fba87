import { type FileHandle, open } from 'node:fs/promises'
import { abortReason } from '../contract/index.ts'

export interface Copying {
  readonly from: string
  /** Must not exist. */
  readonly to: string
  readonly bytes: number
  readonly signal: AbortSignal
  readonly onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined
}

const pieceBytes = 1024 * 1024

/** Byte by byte, synced, heeding the signal between pieces; the caller removes what a failure leaves. */
export async function copyBytes({ from, to, bytes, signal, onProgress }: Copying): Promise<void> {
  await using source = await open(from, 'r')
  await using target = await open(to, 'wx', (await source.stat()).mode & 0o777)
  const piece = Buffer.allocUnsafe(pieceBytes)
  for (let done = 0; ; ) {
    if (signal.aborted) throw abortReason(signal)
    const { bytesRead } = await source.read(piece, 0, pieceBytes, done)
    if (bytesRead === 0) break
    await writeWhole(target, piece.subarray(0, bytesRead), done)
    done += bytesRead
    onProgress?.(done, Math.max(bytes, done))
  }
  await target.sync()
}

/** A full disk may take a part of a piece before it refuses the rest. */
async function writeWhole(target: FileHandle, piece: Buffer, position: number): Promise<void> {
  for (let written = 0; written < piece.length; ) {
    written += (await target.write(piece, written, piece.length - written, position + written)).bytesWritten
  }
}
