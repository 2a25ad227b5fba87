import type { Finding } from '../../contract/index.ts'
import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import type { Io } from '../io.ts'
import { visible } from '../visible.ts'

/** Ends with 1 when any finding is an error. */
export const run: RunCommand = async (context) => {
  const { io, signal } = context
  await using connection = await connect(context, 'read')
  const findings = await connection.client.doctor({ signal })
  if (io.json) io.document({ findings })
  else for (const finding of findings) showFinding(io, finding)
  return findings.some(({ level }) => level === 'error') ? 1 : 0
}

function showFinding(io: Io, { level, text, hint }: Finding): void {
  const { color } = io
  const paint = { ok: color.green, info: color.dim, warning: color.yellow, error: color.red }[level]
  io.out(`${paint(level.padEnd('warning'.length))}  ${visible(text)}\n`)
  if (hint) io.out(`${' '.repeat('warning'.length)}  → ${visible(hint)}\n`)
}
