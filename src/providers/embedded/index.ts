/**
 * The embedded provider: llama.cpp in supervised child processes, one per loaded model, over the files of the library.
 * Useful on a machine with nothing else installed. The engine's package is optional, and never loaded in this process.
 */
import { type Capabilities, ModelyardError } from '../../contract/index.ts'
import type { ResolvedProvider } from '../../contract/resolved-provider.ts'
import type {
  ChatContext,
  ChatPart,
  Embeddings,
  EmbedRequest,
  LoadedInstance,
  ModelDetails,
  ProbeResult,
  Provider,
  ProviderChatRequest,
} from '../provider.ts'
import { orderOf } from './chat-order.ts'
import { startChild } from './engine-child.ts'
import { type EnginePackage, findEngine } from './engine-folder.ts'
import { heldFiles } from './held-files.ts'
import { createImporting } from './import-model.ts'
import { createKnownHeaders } from './known-headers.ts'
import { scanLibrary } from './library.ts'
import { createLoads, type Loads } from './loads.ts'
import { describeFile, type LibraryFile } from './model-file.ts'
import { refused } from './prompt-history.ts'
import { createRemoving } from './remove-model.ts'
import { createSpare } from './spare.ts'

export interface EmbeddedContext {
  readonly library: string
  readonly home: string
  /** Did the library put the file with this real path there? Without it everything is somebody else's. */
  readonly isOurFile?: ((path: string) => Promise<boolean>) | undefined
  readonly log: (message: string, error?: unknown) => void
  /** Finds the engine's package; by default where `engine-folder.ts` says. */
  readonly engine?: (() => Promise<EnginePackage | undefined>) | undefined
}

const capabilities: Capabilities = {
  load: 'blocking',
  loadProgress: true,
  unload: 'sync',
  loadedState: true,
  reportsMemory: true,
  contextLength: 'per-load',
  gpuLayers: true,
  keepAlive: true,
  multipleModels: true,
  namesAnsweringModel: true,
  pull: false,
  import: 'place-file',
  remove: 'files',
  start: false,
}

export function createEmbedded(config: ResolvedProvider, context: EmbeddedContext): Provider {
  const listeners = new Set<() => void>()
  const find = context.engine ?? (() => findEngine(context))
  const headers = createKnownHeaders(context.library, context.log)
  let engine: EnginePackage | undefined
  let warm = false
  let closed = false

  const changed = (): void => {
    for (const listener of [...listeners]) listener()
  }
  const spare = createSpare(() => {
    if (!engine) throw notInstalled()
    return startChild({ entry: engine.entry, gpu: config.gpu ?? 'auto' })
  })

  const refuseClosed = (): void => {
    if (closed) throw new ModelyardError('provider_unreachable', 'The embedded engine was closed.')
  }
  const needEngine = async (): Promise<void> => {
    refuseClosed()
    engine ??= await find()
    if (!engine) throw notInstalled()
  }
  const known = async (name: string): Promise<{ file: LibraryFile; details: ModelDetails }> => {
    const file = (await scanLibrary(context.library)).find((one) => one.name === name)
    const details = file && (await describeFile(file))
    if (!details) throw new ModelyardError('model_not_found', `There is no model "${name}" in the library.`)
    return { file, details }
  }

  const loads = createLoads({
    find: async (name) => {
      await needEngine()
      return known(name)
    },
    take: () => {
      refuseClosed()
      return spare.take()
    },
    refill: spare.refill,
    changed,
    threads: config.threads,
  })

  return {
    id: config.id,
    kind: 'embedded',
    baseUrl: undefined,
    capabilities,
    dialects: () => [],
    probe: () =>
      probe(find, (found) => {
        engine = found
      }),
    list: headers.list,
    loaded: async () => loads.all().map((one) => one.instance()),
    show: async (name) => (await known(name)).details,
    load: async (name, options, loading): Promise<LoadedInstance> => (await loads.load({ name, options }, loading)).instance(),
    unload: async ({ name }) => loads.get(name)?.end(),
    chat: (request, context) => chat(request, context, loads),
    embed: (request, context) => embed(request, context, loads),
    countTokens: (request, context) => countTokens(request, context, loads),
    sameModel: (a, b) => a === b,
    importing: createImporting(context.library),
    removing: createRemoving(context.library, context.isOurFile ?? (async () => false)),
    files: (signal, name) => heldFiles(context.library, signal, name),
    keepWarm(wanted) {
      warm = wanted
      void needEngine().then(
        () => spare.want(warm),
        () => undefined,
      )
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      closed = true
      await Promise.all([headers.close(), spare.close(), ...loads.all().map((one) => one.end())])
    },
  }
}

async function probe(
  find: () => Promise<EnginePackage | undefined>,
  found: (engine: EnginePackage | undefined) => void,
): Promise<ProbeResult> {
  const engine = await find()
  found(engine)
  if (engine) return { state: 'ready', version: engine.version }
  const { code, message, hint } = notInstalled()
  return { state: 'not_installed', error: { code, message }, hint }
}

const notInstalled = (): ModelyardError =>
  new ModelyardError('provider_not_installed', "The embedded engine's package is not installed.", {
    hint: 'In a clone of Modelyard run `npm run setup`; in an app install the package node-llama-cpp 3.22 beside modelyard.',
  })

/** A model that is not in memory (any more) is loaded by the request. */
async function* chat(request: ProviderChatRequest, { signal }: ChatContext, loads: Loads): AsyncGenerator<ChatPart> {
  const order = orderOf(request)
  const model = await loads.load({ name: request.model, options: request.load ?? {}, purpose: 'chat' }, { signal })
  yield* model.chat(order, signal)
}

async function countTokens(request: ProviderChatRequest, { signal }: ChatContext, loads: Loads): Promise<number> {
  const order = orderOf(request)
  const model = await loads.load({ name: request.model, options: request.load ?? {}, purpose: 'chat' }, { signal })
  return model.count(order, signal)
}

async function embed(
  { model: name, input, load = {}, dimensions }: EmbedRequest,
  { signal }: ChatContext,
  loads: Loads,
): Promise<Embeddings> {
  const model = await loads.load({ name, options: load, purpose: 'embedding' }, { signal })
  const embeddings = await model.embed(input, signal)
  const [{ length } = []] = embeddings.vectors
  if (dimensions === undefined || length === undefined || length === dimensions) return embeddings
  throw refused('dimensions', `the vectors of this model have ${length} numbers; the embedded engine does not shorten them.`)
}
