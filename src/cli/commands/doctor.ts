import type { Client } from '../../client/index.ts'
import { type Finding, ModelyardError } from '../../contract/index.ts'
import type { CommandContext, RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { formatSize } from '../format.ts'
import type { Io } from '../io.ts'
import { wrongValue } from '../option-values.ts'
import { visible } from '../visible.ts'

/** Ends with 1 when any finding is an error. With --fix: after a yes, what helps is done, and what is left is shown. */
export const run: RunCommand = async (context) => {
  const { io, options, signal } = context
  const fixes = options.fix === true
  if (fixes && options.yes !== true && !io.interactive)
    throw wrongValue('Say --yes to have it done: without a terminal there is nobody to ask. `modelyard doctor` shows what would be.')
  if (options.yes === true && !fixes) throw wrongValue('--yes belongs to --fix.')
  await using connection = await connect(context, fixes ? 'write' : 'read')
  const found = await connection.client.doctor({ signal })
  const findings = fixes ? await fixed(context, connection.client, found) : found
  if (io.json) io.document({ findings })
  else for (const finding of findings) showFinding(io, finding)
  if (!fixes && findings.some(({ fixable }) => fixable)) io.note('`modelyard doctor --fix` does what can be done about it.')
  return findings.some(({ level }) => level === 'error') ? 1 : 0
}

/** The findings as they are then. */
async function fixed({ io, options, signal }: CommandContext, client: Client, found: readonly Finding[]): Promise<readonly Finding[]> {
  const fixable = found.filter((one) => one.fixable)
  if (fixable.length === 0) {
    io.note('There is nothing that can be fixed.')
    return found
  }
  for (const { text, hint, bytes } of fixable)
    io.note(`would fix  ${[text, hint && `→ ${hint}`, bytes !== undefined && `(frees ${formatSize(bytes)})`].filter(Boolean).join(' ')}`)
  if (options.yes !== true && !(await io.confirm(`Fix ${fixable.length === 1 ? 'it' : `these ${fixable.length}`}?`, signal)))
    throw new ModelyardError('cancelled', 'Nothing was changed.')
  return await client.fix(
    fixable.map(({ id }) => id),
    { signal },
  )
}

function showFinding(io: Io, { level, text, hint }: Finding): void {
  const { color } = io
  const paint = { ok: color.green, info: color.dim, warning: color.yellow, error: color.red }[level]
  io.out(`${paint(level.padEnd('warning'.length))}  ${visible(text)}\n`)
  if (hint) io.out(`${' '.repeat('warning'.length)}  → ${visible(hint)}\n`)
}
