/** Goes over a header from its beginning, piece by piece; never further than a header may reach. */
import type { ByteSource } from './byte-source.ts'

/** The file is no GGUF, or its header is damaged or beyond the limits. The message says what was found. */
export class DamagedHeader extends Error {}

export const maxHeaderBytes = 32 * 2 ** 20
/** Of one text that is passed over. */
export const maxStringBytes = 2 ** 20
const pieceBytes = 256 * 1024

export interface HeaderReader {
  /** Where it stands. */
  readonly position: number
  /** Valid until the next call. */
  take(bytes: number): Promise<Uint8Array>
  skip(bytes: number): Promise<void>
  u32(): Promise<number>
  /** A 64-bit count within a limit; `of` says what is counted. */
  count(limit: number, of: string): Promise<number>
  /** Goes over texts; hundreds of thousands of words wait only where the file has to be read on. */
  skipTexts(count: number): Promise<void>
}

export function createHeaderReader(source: ByteSource): HeaderReader {
  let buffer: Uint8Array = new Uint8Array(0)
  let view = new DataView(buffer.buffer)
  let offset = 0
  /** Of the buffer's end. */
  let end = 0

  const within = (position: number): void => {
    if (position > maxHeaderBytes) throw new DamagedHeader(`the header is longer than ${maxHeaderBytes} bytes`)
    if (source.size !== undefined && position > source.size) throw new DamagedHeader('the file ends within its header')
  }
  const fill = async (wanted: number): Promise<void> => {
    within(end + wanted)
    const piece = await source.read(end, Math.max(pieceBytes, wanted))
    if (piece.length === 0) throw new DamagedHeader('the file ends within its header')
    const joined = new Uint8Array(buffer.length - offset + piece.length)
    joined.set(buffer.subarray(offset))
    joined.set(piece, buffer.length - offset)
    buffer = joined
    view = new DataView(joined.buffer)
    offset = 0
    end += piece.length
  }
  const take = async (bytes: number): Promise<Uint8Array> => {
    while (buffer.length - offset < bytes) await fill(bytes - (buffer.length - offset))
    offset += bytes
    return buffer.subarray(offset - bytes, offset)
  }
  const skip = async (bytes: number): Promise<void> => {
    const here = Math.min(bytes, buffer.length - offset)
    offset += here
    end += bytes - here
    within(end - (buffer.length - offset))
  }
  /** A 64-bit number at the offset; anything above 2^53 is above every limit. */
  const wide = (): number => view.getUint32(offset + 4, true) * 2 ** 32 + view.getUint32(offset, true)
  const count = async (limit: number, of: string): Promise<number> => {
    if (buffer.length - offset < 8) {
      await take(8)
      offset -= 8
    }
    const value = wide()
    offset += 8
    if (value > limit) throw new DamagedHeader(`it promises ${value} for ${of}, more than ${limit}`)
    return value
  }
  /** As far as the buffer goes; how many are left. */
  const skipHere = (texts: number): number => {
    let left = texts
    for (; left > 0 && buffer.length - offset >= 8; left -= 1) {
      const length = wide()
      if (length > maxStringBytes) throw new DamagedHeader(`it promises ${length} for the bytes of a text, more than ${maxStringBytes}`)
      if (buffer.length - offset - 8 < length) break
      offset += 8 + length
    }
    return left
  }

  return {
    get position() {
      return end - (buffer.length - offset)
    },
    take,
    skip,
    count,
    async u32() {
      await take(4)
      return view.getUint32(offset - 4, true)
    },
    async skipTexts(texts) {
      for (let left = skipHere(texts); left > 0; left = skipHere(left - 1)) await skip(await count(maxStringBytes, 'the bytes of a text'))
    },
  }
}
