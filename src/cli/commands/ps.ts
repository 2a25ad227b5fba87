import type { LoadedModel } from '../../contract/index.ts'
import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { formatContext, formatSize, formatWhen } from '../format.ts'
import { table } from '../table.ts'

export const run: RunCommand = async (context) => {
  const { io, signal } = context
  await using connection = await connect(context, 'read')
  const providers = await connection.client.detect({ signal })
  const loaded = providers.flatMap(({ id, loaded }) => loaded.map((model) => ({ provider: id, ...model })))
  if (io.json) io.document({ loaded })
  else if (loaded.length === 0) io.note('Nothing is loaded.')
  else io.out(table(columns, loaded.map(rowOf)))
  return 0
}

const columns = [
  { title: 'NAME' },
  { title: 'PROVIDER' },
  { title: 'SIZE', right: true },
  { title: 'GPU', right: true },
  { title: 'CONTEXT', right: true },
  { title: 'UNTIL' },
  { title: 'BY' },
]

function rowOf({
  name,
  provider,
  memoryBytes,
  gpuBytes,
  contextLength,
  expiresAt,
  loadedBy,
}: LoadedModel & { provider: string }): string[] {
  const by = loadedBy === 'us' ? 'modelyard' : 'other'
  return [name, provider, formatSize(memoryBytes), gpuShare(gpuBytes, memoryBytes), formatContext(contextLength), formatWhen(expiresAt), by]
}

/** `100 %`, `0 %` is CPU only; empty when the engine does not say. */
function gpuShare(gpuBytes: number | undefined, memoryBytes: number | undefined): string {
  if (gpuBytes === undefined || !memoryBytes) return ''
  return `${Math.min(100, Math.round((gpuBytes / memoryBytes) * 100))} %`
}
