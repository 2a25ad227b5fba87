/** Lines out of a stream of bytes: cut anywhere, characters included; ended by LF or CR LF; of a bounded length. */
import { ModelyardError } from '../contract/index.ts'

export interface LineFeed {
  /** The lines that this piece completes, without their ends. Throws `provider_protocol` on a line above the limit. */
  push(chunk: Uint8Array): string[]
  /** What is left without a line end, or undefined. */
  end(): string | undefined
}

export const maxLineChars = 4 * 2 ** 20

export function createLineFeed(maxChars = maxLineChars): LineFeed {
  const decoder = new TextDecoder()
  let rest = ''
  const cut = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line)
  return {
    push(chunk) {
      const text = rest + decoder.decode(chunk, { stream: true })
      const lines: string[] = []
      let from = 0
      // The rest was searched before; only what is new can hold a line end.
      for (let at = text.indexOf('\n', rest.length); at !== -1; at = text.indexOf('\n', from)) {
        if (at - from > maxChars) throw tooLong(maxChars)
        lines.push(cut(text.slice(from, at)))
        from = at + 1
      }
      rest = from === 0 ? text : text.slice(from)
      if (rest.length > maxChars) throw tooLong(maxChars)
      return lines
    },
    end() {
      const last = rest + decoder.decode()
      rest = ''
      return last === '' ? undefined : cut(last)
    },
  }
}

const tooLong = (maxChars: number): ModelyardError =>
  new ModelyardError('provider_protocol', `Expected lines of at most ${maxChars} characters; one is longer.`)
