import { existsSync } from 'node:fs'
import { ModelyardError } from '../../contract/index.ts'
import type { CommandContext, RunCommand } from '../command-spec.ts'
import { followFile } from '../follow-file.ts'
import { homeOf, logFileOf } from '../home.ts'
import { logLineDocument, logLineText } from '../log-line.ts'
import { readTail } from '../read-tail.ts'

const shownLines = 200

export const run: RunCommand = async (context) => {
  const path = logFileOf(homeOf(context))
  if (!existsSync(path)) {
    throw new ModelyardError('not_found', `There is no log at ${path}.`, {
      hint: 'A service that a command starts in the background writes one; `modelyard serve` shows its own on its terminal.',
    })
  }
  const { lines, end } = await readTail(path, { lines: shownLines })
  for (const line of lines) show(context, line)
  if (context.options.follow === true) await followFile({ path, from: end, onLine: (line) => show(context, line), signal: context.signal })
  return 0
}

function show({ io }: CommandContext, line: string): void {
  if (io.json) io.document(logLineDocument(line))
  else io.out(`${logLineText(line, io.color)}\n`)
}
