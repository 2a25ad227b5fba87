import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { formatContext, formatMs, formatSize } from '../format.ts'
import { loadOptionsOf } from '../load-options.ts'
import { visible } from '../visible.ts'

export const run: RunCommand = async (context) => {
  const { io, words, options, signal } = context
  const load = loadOptionsOf(options)
  await using connection = await connect(context, 'serve')
  const begun = Date.now()
  const model = await connection.client.models.load(words[0] ?? '', load, { signal })
  if (io.json) io.document(model)
  else {
    const facts = [
      formatSize(model.memoryBytes),
      model.contextLength && `context ${formatContext(model.contextLength)}`,
      formatMs(Date.now() - begun),
    ]
    io.out(`${visible(model.ref)} is loaded (${facts.filter(Boolean).join(', ')})\n`)
  }
  return 0
}
