import type { Client } from '../../client/index.ts'
import { hubRepo, type Model, ModelyardError } from '../../contract/index.ts'
import type { CommandContext, RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { formatContext, formatSize, formatWhen } from '../format.ts'
import { showPairs } from '../pairs.ts'
import { showRepository } from '../show-repository.ts'

export const run: RunCommand = async (context) => {
  const { io, words, signal } = context
  await using connection = await connect(context, 'read')
  const [word = ''] = words
  const { client } = connection
  const model = await client.models.get(word, { signal }).catch(async (error: unknown) => {
    if (await mayBeRepository(context, client, error)) return undefined
    throw error
  })
  if (model === undefined) showRepository(io, await client.hub.repository(word, { signal }))
  else if (io.json) io.document(model)
  else showPairs(io, pairsOf(model))
  return 0
}

/** What is here comes first. Only a name that no provider has, and that begins with none, is asked of the Hub. */
async function mayBeRepository({ words: [word = ''], signal }: CommandContext, client: Client, error: unknown): Promise<boolean> {
  const unknown = ModelyardError.is(error) && (error.code === 'model_not_found' || error.code === 'provider_unreachable')
  if (!unknown || !hubRepo.safeParse(word).success) return false
  const providers = await client.providers.list({ signal })
  return !providers.some(({ id }) => word.startsWith(`${id}/`))
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
