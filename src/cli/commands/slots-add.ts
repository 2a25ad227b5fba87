import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'

/** A slot that is there already stays as it is. */
export const run: RunCommand = async (context) => {
  const { io, words, signal } = context
  await using connection = await connect(context, 'write')
  const slot = await connection.client.slots.put(words[0] ?? '', {}, { signal })
  if (io.json) io.document(slot)
  else io.out(`${slot.slot} is ${slot.state}${slot.state === 'empty' ? `; fill it with \`modelyard use REF --slot ${slot.slot}\`` : ''}\n`)
  return 0
}
