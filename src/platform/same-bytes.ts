import { open } from 'node:fs/promises'
import { abortReason } from '../contract/index.ts'

const pieceBytes = 4 * 1024 * 1024

/** Do two files hold the same bytes? Read side by side up to the first difference. */
export async function sameBytes(a: string, b: string, signal: AbortSignal): Promise<boolean> {
  await using one = await open(a, 'r')
  await using other = await open(b, 'r')
  if ((await one.stat()).size !== (await other.stat()).size) return false
  const [left, right] = [Buffer.allocUnsafe(pieceBytes), Buffer.allocUnsafe(pieceBytes)]
  for (let done = 0; ; ) {
    if (signal.aborted) throw abortReason(signal)
    const { bytesRead } = await one.read(left, 0, pieceBytes, done)
    if (bytesRead === 0) return true
    let filled = 0
    while (filled < bytesRead) {
      const more = (await other.read(right, filled, bytesRead - filled, done + filled)).bytesRead
      if (more === 0) return false
      filled += more
    }
    if (!left.subarray(0, bytesRead).equals(right.subarray(0, bytesRead))) return false
    done += bytesRead
  }
}

const samples = 16
const sampleBytes = 64 * 1024

/** The same by their sizes and by samples from the first byte to the last: enough where nothing is lost by an error. */
export async function alikeBytes(a: string, b: string): Promise<boolean> {
  await using one = await open(a, 'r')
  await using other = await open(b, 'r')
  const { size } = await one.stat()
  if ((await other.stat()).size !== size) return false
  for (let index = 0; index < samples; index += 1) {
    const at = Math.round((Math.max(0, size - sampleBytes) * index) / (samples - 1))
    const [left, right] = await Promise.all([one, other].map((file) => file.read(Buffer.alloc(sampleBytes), 0, sampleBytes, at)))
    if (!left || !right || left.bytesRead !== right.bytesRead || !left.buffer.equals(right.buffer)) return false
    if (size <= sampleBytes) return true
  }
  return true
}
