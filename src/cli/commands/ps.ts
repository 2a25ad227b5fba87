import { joinRef, type LoadedModel, type UsageSample } from '../../contract/index.ts'
import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { formatContext, formatCount, formatMs, formatSize, formatWhen } from '../format.ts'
import { table } from '../table.ts'
import { usageByRef } from '../usage-by-ref.ts'

type Row = LoadedModel & { readonly provider: string; readonly usage?: UsageSample | undefined }

/** With what each did in the last hour. */
export const run: RunCommand = async (context) => {
  const { io, signal } = context
  await using connection = await connect(context, 'read')
  const [providers, usage] = await Promise.all([connection.client.detect({ signal }), usageByRef(connection.client, signal)])
  const loaded = providers.flatMap(({ id, loaded }) =>
    loaded.map((model): Row => {
      const used = usage.get(joinRef(id, model.name))
      return { provider: id, ...model, ...(used && { usage: used }) }
    }),
  )
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
  { title: 'REQUESTS', right: true },
  { title: 'FAILED', right: true },
  { title: 'FIRST TOKEN', right: true },
  { title: 'TOKENS/S', right: true },
]

function rowOf({ name, provider, memoryBytes, gpuBytes, contextLength, expiresAt, loadedBy, usage }: Row): string[] {
  const by = loadedBy === 'us' ? 'modelyard' : 'other'
  const engine = [formatSize(memoryBytes), gpuShare(gpuBytes, memoryBytes), formatContext(contextLength), formatWhen(expiresAt), by]
  return [name, provider, ...engine, ...usageCells(usage)]
}

function usageCells(usage: UsageSample | undefined): string[] {
  if (!usage) return []
  const failed = usage.requests - usage.ok - usage.left
  return [
    formatCount(usage.requests),
    failed === 0 ? '' : formatCount(failed),
    usage.firstTokenMs ? formatMs(usage.firstTokenMs.mean) : '',
    formatCount(usage.tokensPerSecond),
  ]
}

/** `100 %`, `0 %` is CPU only; empty when the engine does not say. */
function gpuShare(gpuBytes: number | undefined, memoryBytes: number | undefined): string {
  if (gpuBytes === undefined || !memoryBytes) return ''
  return `${Math.min(100, Math.round((gpuBytes / memoryBytes) * 100))} %`
}
