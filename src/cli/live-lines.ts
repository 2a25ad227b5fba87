import type { Io } from './io.ts'
import { visible } from './visible.ts'

/** Lines at the end of what was written that are written over; others are put above them. */
export interface LiveLines {
  set(lines: readonly string[]): void
  above(line: string): void
}

/** Nothing but `above` where standard error is no terminal. */
export function liveLines(io: Io): LiveLines {
  let shown: string[] = []
  const take = (): string => (shown.length === 0 ? '' : `\x1b[${shown.length}A\x1b[J`)
  const put = (): string => shown.map((line) => `${line}\n`).join('')
  return {
    set(lines) {
      if (!io.live) return
      const before = take()
      // A line that wraps would be two to go back over.
      shown = lines.map((line) => [...visible(line)].slice(0, io.columns - 1).join(''))
      io.err(before + put())
    },
    above: (line) => io.err(`${take()}${line}\n${put()}`),
  }
}
