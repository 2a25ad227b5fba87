import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { table } from '../table.ts'

export const run: RunCommand = async (context) => {
  const { io, signal } = context
  await using connection = await connect(context, 'read')
  const config = await connection.client.config({ signal })
  if (io.json) {
    io.document(config)
    return 0
  }
  const rows = config.settings.map(({ name, value, source, from }) => [name, textOf(value), from ? `${source} (${from})` : source])
  io.out(table([{ title: 'SETTING' }, { title: 'VALUE' }, { title: 'FROM' }], rows))
  io.note(`${config.file.read ? 'Read' : 'There is no'} ${config.file.path}`)
  return 0
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
