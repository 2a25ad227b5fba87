/**
 * llama.cpp's `llama-server`: with one model, or as a router that starts a process for each. In single mode it ignores
 * the `model` of a request and answers with its own, so the name in an answer is the server's word, never the request's.
 */
import { abortReason, defaultProviders } from '../../contract/index.ts'
import type { ResolvedProvider } from '../../contract/resolved-provider.ts'
import { heldFilesOf } from '../held-files.ts'
import { isPlainMessage, takesAsWritten } from '../native-words.ts'
import { createEngine, createNameBook, isLoopback, rootAddress } from '../openai-chat/index.ts'
import type { LoadedInstance, ModelDetails, NativeDialect, Provider } from '../provider.ts'
import { chat, countTokens, embed, wire } from './chat.ts'
import { createFileSizes } from './file-sizes.ts'
import { findModel, inMemory, instanceOf, presentModels } from './find-model.ts'
import { createImporting } from './import-model.ts'
import { loadModel } from './load-model.ts'
import { scanRouterFolder } from './model-files.ts'
import { type Place, probe } from './probe.ts'
import { createRemoving } from './remove-model.ts'
import { knownMode, label, readProps, type Server, serverCapabilities } from './server.ts'
import { startRouter, stopChild } from './start-router.ts'
import { unloadModel } from './unload-model.ts'

/** llama.cpp is moving its default port from 8080 to 9931. */
const newDefaultBaseUrl = 'http://127.0.0.1:9931'

export interface LlamaCppOptions {
  /** Where to look when nothing answers at the base URL; by default the new default port, for the old default one. */
  readonly otherAddresses?: readonly string[] | undefined
  /** Our own folder of GGUF files. */
  readonly library?: string | undefined
  /** Until a placed model is listed, or a removed one no longer is. */
  readonly listedMs?: number | undefined
}

export function createLlamaCpp(config: ResolvedProvider, options: LlamaCppOptions = {}): Provider {
  const { id, command, modelsDir } = config
  const baseUrl = rootAddress(config.baseUrl ?? defaultProviders.llamacpp.baseUrl)
  const others = options.otherAddresses ?? (baseUrl === defaultProviders.llamacpp.baseUrl ? [newDefaultBaseUrl] : [])
  const place: Place = { id, addresses: [baseUrl, ...others], command, modelsDir }
  const server = createServer(config, baseUrl)
  const look = (signal: AbortSignal) => probe(server, place, signal)
  return {
    id,
    kind: 'llamacpp',
    get baseUrl() {
      return server.baseUrl
    },
    get capabilities() {
      return serverCapabilities(server)
    },
    dialects: () => dialects(server),
    probe: look,
    list: async (signal) => (await presentModels(server, signal)).map(({ model }) => model),
    loaded: (signal) => loaded(server, signal),
    show: (name, signal) => show(server, name, signal),
    load: (name, wanted, context) => loadModel(server, name, wanted, context),
    unload: ({ name }, signal) => unloadModel(server, name, signal),
    chat: (request, context) => chat(server, request, context),
    embed: (request, context) => embed(server, request, context),
    countTokens: (request, context) => countTokens(server, request, context),
    sameModel: (a, b) => a === b,
    ...(server.modelsDir !== undefined && byFiles(server, server.modelsDir, options)),
    start: (signal) => startRouter(server, place, look, signal),
    close: async () => {
      await stopChild(server)
      await server.engine.http.close()
    },
  }
}

function createServer(config: ResolvedProvider, baseUrl: string): Server {
  const { apiKey, command, modelsDir } = config
  return {
    engine: createEngine({ baseUrl, label, apiKey }),
    baseUrl,
    mode: undefined,
    maxInstances: undefined,
    names: createNameBook(),
    files: createFileSizes(isLoopback(baseUrl)),
    ours: new Set(),
    apiKey,
    modelsDir: isLoopback(baseUrl) ? modelsDir : undefined,
    startable: command !== undefined && modelsDir !== undefined && isLoopback(baseUrl),
    child: undefined,
  }
}

function byFiles(server: Server, modelsDir: string, { library, listedMs = 20_000 }: LlamaCppOptions) {
  return {
    importing: createImporting({ server, library, listedMs }),
    removing: createRemoving(server, modelsDir, library),
    files: async (signal: AbortSignal, name?: string) => {
      const { sets } = await scanRouterFolder(modelsDir)
      if (signal.aborted) throw abortReason(signal)
      return heldFilesOf(sets.filter((set) => name === undefined || set.name === name))
    },
  } satisfies Partial<Provider>
}

async function loaded(server: Server, signal: AbortSignal): Promise<LoadedInstance[]> {
  const mode = await knownMode(server, signal)
  const models = await presentModels(server, signal)
  if (mode === 'single' && models.some(inMemory) && (await readProps(server, signal)).sleeping) return []
  return models.filter(inMemory).map((found) => instanceOf(server, found))
}

/** A router is asked for a model's properties only when that does not load it. */
async function show(server: Server, name: string, signal: AbortSignal): Promise<ModelDetails> {
  const found = await findModel(server, name, signal)
  if (server.mode === 'router') return found.model
  const { vision, audio, tools, template } = await readProps(server, signal)
  const told = [...(tools ? ['tools' as const] : []), ...(vision ? ['vision' as const] : []), ...(audio ? ['audio' as const] : [])]
  const capabilities = found.model.kind === 'chat' ? [...new Set([...found.model.capabilities, ...told])] : found.model.capabilities
  return { ...found.model, capabilities, template }
}

function dialects(server: Server): NativeDialect[] {
  const idOf = (name: string): string => server.names.idOf(name) ?? name
  const place = { baseUrl: server.baseUrl, headers: server.engine.auth, idOf }
  return [
    { dialect: 'openai', ...place, adapt: (request) => (takesAsWritten(wire, request) ? {} : undefined) },
    { dialect: 'anthropic', ...place, adapt: (request) => (isPlainMessage(request) ? {} : undefined) },
  ]
}
