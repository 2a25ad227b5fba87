import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { visible } from '../visible.ts'

export const run: RunCommand = async (context) => {
  const { io, words, signal } = context
  await using connection = await connect(context, 'write')
  const provider = await connection.client.providers.start(words[0] ?? '', { signal })
  if (io.json) io.document(provider)
  else
    io.out(
      `${visible(provider.id)} is ${provider.state.replaceAll('_', ' ')}${provider.version ? ` (${visible(provider.version)})` : ''}\n`,
    )
  return 0
}
