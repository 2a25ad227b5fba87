/** The lines of the demo as they come, and the table at its end. */
import type { Io } from '../io.ts'
import { visible } from '../visible.ts'

export interface Report {
  line(what: string, held: boolean, seen: string): void
  failed(what: string, error: unknown): void
  /** Says how it went; the exit code. */
  end(): number
}

interface Line {
  readonly what: string
  readonly held: boolean
  readonly seen: string
}

export function createReport(io: Io): Report {
  const lines: Line[] = []
  const add = (line: Line): void => {
    lines.push(line)
    if (io.json) return
    const { color } = io
    io.out(`${line.held ? color.green('✓') : color.red('✗')} ${line.what}\n    ${color.dim(visible(line.seen).slice(0, 160))}\n`)
  }
  return {
    line: (what, held, seen) => add({ what, held, seen }),
    failed: (what, error) => add({ what, held: false, seen: error instanceof Error ? error.message : String(error) }),
    end() {
      const held = lines.length > 0 && lines.every((one) => one.held)
      if (io.json) io.document({ held, lines })
      else io.out(`\n${lines.filter((one) => one.held).length} of ${lines.length} lines held.\n`)
      return held ? 0 : 1
    },
  }
}
