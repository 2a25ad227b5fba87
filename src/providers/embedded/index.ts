/**
 * The embedded provider: llama.cpp in supervised child processes, one per loaded model, over the files of the library.
 * Useful on a machine with nothing else installed. The engine's package is optional, and never loaded in this process.
 */
import { abortReason, type Capabilities, type LoadOptions, ModelyardError } from '../../contract/index.ts'
import type { ResolvedProvider } from '../../contract/resolved-provider.ts'
import { readMemory } from '../../platform/hardware.ts'
import { untilAborted } from '../../platform/until-aborted.ts'
import { loadLimitMs } from '../load-limit.ts'
import type {
  ChatContext,
  ChatPart,
  LoadContext,
  LoadedInstance,
  ModelDetails,
  ProbeResult,
  Provider,
  ProviderChatRequest,
} from '../provider.ts'
import { startChild } from './engine-child.ts'
import { type EnginePackage, findEngine } from './engine-folder.ts'
import { heldFiles } from './held-files.ts'
import { createImporting } from './import-model.ts'
import { createKnownHeaders } from './known-headers.ts'
import { scanLibrary } from './library.ts'
import { planLoad } from './load-plan.ts'
import { createLoadedModel, type LoadedModel } from './loaded-model.ts'
import { describeFile, type LibraryFile } from './model-file.ts'
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
  const loaded = new Map<string, LoadedModel>()
  const queues = new Map<string, Promise<unknown>>()
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

  /** Idempotent for the same options; with others the model is loaded anew. */
  const loadNow = async (name: string, options: LoadOptions, { signal, onProgress }: LoadContext): Promise<LoadedModel> => {
    if (signal.aborted) throw abortReason(signal)
    await needEngine()
    const there = loaded.get(name)
    if (there?.fits(options)) {
      there.keep(options)
      await there.ready(signal)
      return there
    }
    await there?.end('the model is loaded anew with other options')
    const [{ file, details }, memory] = await Promise.all([known(name), readMemory()])
    if (signal.aborted) throw abortReason(signal)
    refuseClosed()
    const model = createLoadedModel({
      child: spare.take(),
      name,
      path: file.path,
      options,
      plan: planLoad({ details, options, freeBytes: memory.free, threads: config.threads }),
      stalledMs: loadLimitMs(details.sizeBytes),
      onEnd: () => {
        if (loaded.get(name) === model) loaded.delete(name)
        changed()
      },
      onQuiet: spare.refill,
    })
    loaded.set(name, model)
    await model.load({ signal, onProgress }).catch((error: unknown) => {
      spare.refill()
      throw error
    })
    return model
  }

  /** One load of a model at a time: whoever asks while it is loaded gets the same. */
  const load = (name: string, options: LoadOptions, loading: LoadContext): Promise<LoadedModel> => {
    const before = queues.get(name) ?? Promise.resolve()
    const mine = before.then(
      () => loadNow(name, options, loading),
      () => loadNow(name, options, loading),
    )
    queues.set(name, mine)
    const done = (): void => {
      if (queues.get(name) === mine) queues.delete(name)
    }
    mine.then(done, done)
    return untilAborted(mine, loading.signal)
  }

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
    loaded: async () => [...loaded.values()].map((one) => one.instance()),
    show: async (name) => (await known(name)).details,
    load: async (name, options, loading): Promise<LoadedInstance> => (await load(name, options, loading)).instance(),
    unload: async ({ name }) => loaded.get(name)?.end(),
    chat: (request, chatting) => chat(request, chatting, load),
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
      await Promise.all([headers.close(), spare.close(), ...[...loaded.values()].map((one) => one.end())])
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

type Load = (name: string, options: LoadOptions, context: LoadContext) => Promise<LoadedModel>

/** A model that is not in memory (any more) is loaded by the request. */
async function* chat(request: ProviderChatRequest, { signal }: ChatContext, load: Load): AsyncGenerator<ChatPart> {
  refusePictures(request)
  const model = await load(request.model, request.load ?? {}, { signal })
  yield* model.chat(request, signal)
}

/** To leave them out in silence would be an answer to another question. */
function refusePictures({ messages }: ProviderChatRequest): void {
  if (messages.every(({ content }) => typeof content === 'string' || content.every((part) => part.type === 'text'))) return
  throw new ModelyardError('unsupported_operation', 'The embedded engine reads text, no pictures.', {
    hint: 'Use an engine whose model can see, such as Ollama or llama-server.',
  })
}
