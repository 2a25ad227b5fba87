/** Lines out of a stream of bytes: cut anywhere, characters included; ended by LF or CR LF; of a bounded length. */
import { ModelyardError } from '../contract/index.ts'
import { gatherBytes } from './gathered-bytes.ts'

export interface LineFeed {
  /** The lines that this piece completes, without their ends. Throws `provider_protocol` on a line above the limit. */
  push(chunk: Uint8Array): string[]
  /** What is left without a line end, or undefined. */
  end(): string | undefined
}

export const maxLineBytes = 4 * 2 ** 20
const [lf, cr] = [10, 13]

/** Looks for line ends in bytes: no character of UTF-8 has one inside, and each byte is looked at once, however it is cut. */
export function createLineFeed(maxBytes = maxLineBytes): LineFeed {
  const tooLong = (): ModelyardError =>
    new ModelyardError('provider_protocol', `Expected lines of at most ${maxBytes} bytes; one is longer.`)
  const rest = gatherBytes(maxBytes, tooLong)
  let first = true

  const line = (bytes: Buffer, from: number, to: number): string => {
    if (to - from > maxBytes) throw tooLong()
    const end = to > from && bytes[to - 1] === cr ? to - 1 : to
    const text = bytes.toString('utf8', from, end)
    if (!first) return text
    first = false
    return text.startsWith('\ufeff') ? text.slice(1) : text
  }
  const restLine = (): string => {
    const whole = rest.take()
    return line(whole, 0, whole.length)
  }

  return {
    push(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      const lines: string[] = []
      let from = 0
      for (let at = bytes.indexOf(lf); at !== -1; at = bytes.indexOf(lf, from)) {
        if (rest.length > 0) {
          rest.add(bytes.subarray(from, at))
          lines.push(restLine())
        } else {
          lines.push(line(bytes, from, at))
        }
        from = at + 1
      }
      if (from < bytes.length) rest.add(bytes.subarray(from))
      return lines
    },
    end: () => (rest.length === 0 ? undefined : restLine()),
  }
}
