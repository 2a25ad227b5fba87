import type { AppToken } from '../../contract/index.ts'
import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { formatWhen } from '../format.ts'
import { table } from '../table.ts'

export const run: RunCommand = async (context) => {
  const { io, signal } = context
  await using connection = await connect(context, 'read')
  const tokens = await connection.client.tokens.list({ signal })
  if (io.json) io.document({ tokens })
  else if (tokens.length === 0) io.note('No app has a token of its own; make one with `modelyard token create NAME`.')
  else io.out(table(columns, tokens.map(rowOf)))
  return 0
}

const columns = [{ title: 'NAME' }, { title: 'SCOPE' }, { title: 'KIND' }, { title: 'CREATED' }, { title: 'LAST USED' }]

const rowOf = ({ name, scope, kind, createdAt, lastUsedAt }: AppToken): string[] => [
  name,
  scope,
  kind,
  formatWhen(createdAt),
  lastUsedAt === undefined ? 'never' : formatWhen(lastUsedAt),
]
