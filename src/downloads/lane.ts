/** One connection's work: spans into blocks, going on at the very byte where it broke. */
import type { Bandwidth } from './bandwidth.ts'
import type { Span } from './check-answer.ts'
import type { Failures } from './failures.ts'
import { blockBytes, sizeOfBlock } from './journal.ts'
import type { Partial } from './partial.ts'
import { RangeIgnored, readSpan, type Source } from './read-span.ts'

export interface LaneWork {
  readonly source: Source
  readonly partial: Partial
  readonly failures: Failures
  readonly bandwidths: readonly Bandwidth[]
  readonly signal: AbortSignal
  readonly onBlock: (block: number) => void
  readonly onBytes: (bytes: number) => void
  readonly onTrouble: (error: unknown) => void
}

/** Fetches a span that begins at a block. `whole`: without ranges; then what lies here already is skipped. */
export async function fetchSpan(work: LaneWork, span: Span, whole: boolean): Promise<void> {
  const buffer = Buffer.allocUnsafe(blockBytes)
  let at = span.start
  while (at < span.end) {
    if (whole) at = span.start
    try {
      for await (const piece of readSpan(work.source, { start: at, end: span.end }, whole, work.signal)) {
        for (const bandwidth of work.bandwidths) await bandwidth.take(piece.length, work.signal)
        work.onBytes(piece.length)
        if (!whole) work.failures.progressed()
        at = await take(work, buffer, piece, at)
      }
    } catch (error) {
      if (error instanceof RangeIgnored || work.signal.aborted) throw error
      // A block that was full and could not be written is fetched again.
      if (at % blockBytes === 0 && at > span.start && !work.partial.blocks.has(at / blockBytes - 1)) at -= blockBytes
      work.onTrouble(error)
      await work.failures.after(error, work.signal)
    }
  }
}

/** Puts a piece into its blocks and writes those that are full; answers where the next one begins. */
async function take(work: LaneWork, buffer: Buffer, piece: Buffer, from: number): Promise<number> {
  let at = from
  for (let used = 0; used < piece.length; ) {
    const block = Math.floor(at / blockBytes)
    const size = sizeOfBlock(block, work.source.bytes)
    const offset = at - block * blockBytes
    const count = Math.min(size - offset, piece.length - used)
    piece.copy(buffer, offset, used, used + count)
    used += count
    if (offset + count === size && !work.partial.blocks.has(block)) {
      await work.partial.write(block, buffer.subarray(0, size))
      work.failures.progressed()
      work.onBlock(block)
    }
    at += count
  }
  return at
}
