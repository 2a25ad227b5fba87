import type { CatalogEntry, HubResult } from '../../contract/index.ts'
import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { formatContext, formatCount, formatWhen } from '../format.ts'
import type { Io } from '../io.ts'
import { table } from '../table.ts'

export const run: RunCommand = async (context) => {
  const { io, options, signal } = context
  await using connection = await connect(context, 'read')
  const words = context.words.join(' ')
  const limit = typeof options.limit === 'number' ? options.limit : undefined
  const [results, { entries }] = await Promise.all([
    connection.client.hub.search({ words, limit, signal }),
    connection.client.catalog({ signal }),
  ])
  if (io.json) io.document({ results })
  else {
    noteCurated(io, entries, context.words)
    if (results.length > 0) showResults(io, results)
    else io.note(`The Hub has no GGUF model for "${words}".`)
  }
  return 0
}

/** Those of the catalogue whose names have every word. */
function noteCurated(io: Io, entries: readonly CatalogEntry[], words: readonly string[]): void {
  const wanted = words.flatMap((word) => word.toLowerCase().split(/\s+/))
  const found = entries.filter(({ id, name, aliases }) => {
    const text = [id, name, ...aliases].join(' ').toLowerCase()
    return wanted.every((word) => text.includes(word))
  })
  for (const { name, repositories, what } of found) io.note(`${name}: ${repositories[0]}. ${what}.`)
}

function showResults(io: Io, results: readonly HubResult[]): void {
  const columns = [
    { title: 'REPOSITORY' },
    { title: 'PARAMETERS', right: true },
    { title: 'CONTEXT', right: true },
    { title: 'DOWNLOADS', right: true },
    { title: 'LICENCE' },
    { title: 'UPDATED' },
    { title: '', paint: (cell: string) => io.color.yellow(cell) },
  ]
  const rows = results.map(({ repo, parameters, contextLength, downloads, licence = '', updatedAt, gated }) => [
    repo,
    formatCount(parameters),
    formatContext(contextLength),
    formatCount(downloads),
    licence,
    formatWhen(updatedAt),
    gated === false ? '' : 'gated',
  ])
  io.out(table(columns, rows))
}
