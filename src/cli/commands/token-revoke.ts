import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'

export const run: RunCommand = async (context) => {
  const { io, words, signal } = context
  const name = words[0] ?? ''
  await using connection = await connect(context, 'write')
  await connection.client.tokens.revoke(name, { signal })
  if (io.json) io.document({ removed: name })
  else io.out(`The token of ${name} opens nothing any more.\n`)
  return 0
}
