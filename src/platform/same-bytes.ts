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
