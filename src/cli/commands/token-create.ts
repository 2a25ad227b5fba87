import type { TokenScope } from '../../contract/index.ts'
import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'

/** The token alone on standard output, like that of the home. */
export const run: RunCommand = async (context) => {
  const { io, words, options, signal } = context
  await using connection = await connect(context, 'write')
  const scope = options.scope as TokenScope | undefined
  const made = await connection.client.tokens.create({ name: words[0] ?? '', ...(scope && { scope }) }, { signal })
  if (io.json) io.document(made)
  else io.out(`${made.token}\n`)
  io.note(
    `The token of ${made.name} (${made.scope}). It is not kept and cannot be shown again; \`modelyard token revoke ${made.name}\` ends it.`,
  )
  return 0
}
