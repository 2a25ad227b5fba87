import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'

export const run: RunCommand = async (context) => {
  const { io, words, signal } = context
  const name = words[0] ?? ''
  await using connection = await connect(context, 'write')
  await connection.client.slots.remove(name, { signal })
  if (io.json) io.document({ removed: name })
  else io.out(`${name} is removed\n`)
  return 0
}
