import type { Model } from '../../contract/index.ts'
import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { formatContext, formatSize, formatWhen } from '../format.ts'
import { showPairs } from '../pairs.ts'

export const run: RunCommand = async (context) => {
  const { io, words, signal } = context
  await using connection = await connect(context, 'read')
  const model = await connection.client.models.get(words[0] ?? '', { signal })
  if (io.json) io.document(model)
  else showPairs(io, pairsOf(model))
  return 0
}

function pairsOf(model: Model): [string, string | undefined][] {
  const { load, details } = model
  return [
    ['model', model.ref],
    ['name', model.displayName],
    ['kind', model.kind],
    ['family', model.family],
    ['parameters', model.parameters],
    ['quantization', model.quantization],
    ['format', model.format],
    ['size', formatSize(model.sizeBytes)],
    ['context', formatContext(model.contextLength)],
    ['can', model.capabilities.join(', ')],
    ['in slots', model.slots.join(', ')],
    ['pinned', model.pinned ? 'yes' : undefined],
    [
      'load options',
      load &&
        Object.entries(load)
          .map(([name, value]) => `${name} ${value}`)
          .join(', '),
    ],
    ...model.loaded.map((instance): [string, string] => ['loaded', instanceText(instance)]),
    ['modified', formatWhen(model.modifiedAt)],
    ['source', model.source && `${model.source.repo} ${model.source.file}`],
    ...(details?.holders ?? []).map(({ ref, path, bytes }): [string, string] => ['file', [path ?? ref, formatSize(bytes)].join('  ')]),
    ['on disk', formatSize(details?.diskBytes)],
  ]
}

function instanceText({ memoryBytes, contextLength, expiresAt, loadedBy }: Model['loaded'][number]): string {
  const parts = [
    memoryBytes === undefined ? '' : `${formatSize(memoryBytes)} of memory`,
    contextLength === undefined ? '' : `context ${formatContext(contextLength)}`,
    expiresAt === undefined ? '' : `until ${formatWhen(expiresAt)}`,
    `by ${loadedBy === 'us' ? 'modelyard' : 'others'}`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}
