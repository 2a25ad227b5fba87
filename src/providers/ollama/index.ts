/** Ollama, by its own API. Seen to work with 0.32; older versions by their documentation. */
import { defaultProviders } from '../../contract/index.ts'
import type { ResolvedProvider } from '../../contract/resolved-provider.ts'
import { createEngine, isLoopback, rootAddress } from '../openai-chat/index.ts'
import type { NativeDialect, NativeRequest, Provider } from '../provider.ts'
import { createChangeTurns } from './change-turns.ts'
import { streamChat } from './chat.ts'
import { embedTexts } from './embed.ts'
import { heldFiles } from './held-files.ts'
import { createImporting } from './import-model.ts'
import { inMemory } from './in-memory.ts'
import { listModels, showModel } from './list.ts'
import { loadModel, unloadModel } from './memory.ts'
import { sameName } from './names.ts'
import { label, type Ollama, type OllamaLimits, type OllamaPlaces, ollamaCapabilities, usualLimits } from './ollama.ts'
import { type Place, probe } from './probe.ts'
import { pullModel } from './pull-model.ts'
import { createRemoving } from './remove-model.ts'
import { startServer } from './start-server.ts'
import { usualStores } from './store.ts'
import { heldAsLoaded, loadFields } from './wire.ts'

export function createOllama(config: ResolvedProvider, limits: OllamaLimits = usualLimits, places: OllamaPlaces = {}): Provider {
  const { id, command, baseUrlFrom, modelsDir } = config
  const baseUrl = rootAddress(config.baseUrl ?? defaultProviders.ollama.baseUrl)
  const place: Place = { id, baseUrl, baseUrlFrom, command }
  const ollama: Ollama = {
    engine: createEngine({ baseUrl, label, apiKey: config.apiKey }),
    baseUrl,
    limits,
    ours: new Set(),
    usedAs: new Map(),
    shown: new Map(),
    program: undefined,
    stores: [...(modelsDir === undefined ? [] : [modelsDir]), ...(places.stores ?? usualStores())],
    disproved: new Set(),
    inTurn: createChangeTurns(baseUrl),
    library: places.library,
  }
  const look = (signal: AbortSignal) => probe(ollama, place, signal)
  return {
    id,
    kind: 'ollama',
    baseUrl,
    get capabilities() {
      return ollamaCapabilities({ program: ollama.program !== undefined, local: isLoopback(baseUrl) })
    },
    dialects: () => dialects(ollama),
    probe: look,
    list: (signal) => listModels(ollama, signal),
    loaded: (signal) => inMemory(ollama, signal),
    show: (name, signal) => showModel(ollama, name, signal),
    load: (name, options, context) => loadModel(ollama, name, options, context),
    unload: ({ name }, signal) => unloadModel(ollama, name, signal),
    chat: (request, context) => streamChat(ollama, request, context),
    embed: (request, context) => embedTexts(ollama, request, context),
    sameModel: sameName,
    ...(isLoopback(baseUrl) && { importing: createImporting(ollama) }),
    removing: createRemoving(ollama),
    files: (signal, name) => heldFiles(ollama, signal, name),
    pull: (name, signal) => pullModel(ollama, name, signal),
    start: (signal) => startServer(ollama, place, look, signal),
    close: () => ollama.engine.http.close(),
  }
}

/**
 * A prompt that is too long is an error and not cut in silence, unless the client asked for that; texts for vectors are
 * cut as everywhere with Ollama.
 */
function adaptNative({ path, load, written }: NativeRequest): Readonly<Record<string, unknown>> {
  const cuts = !/^\/api\/(?:chat|generate)$/.test(path) || written('truncate') !== undefined
  return { ...(load && heldAsLoaded(load, written)), ...(!cuts && { truncate: false }) }
}

/** Its other dialects have no word for context and time, and cut a chat that is too long in silence. */
function adaptOther({ path, load }: NativeRequest): Readonly<Record<string, unknown>> | undefined {
  const cuts = /^\/v1\/(?:chat\/completions|messages)$/.test(path)
  return cuts || Object.keys(loadFields(load)).length > 0 ? undefined : {}
}

function dialects(ollama: Ollama): NativeDialect[] {
  const place = { baseUrl: ollama.baseUrl, headers: ollama.engine.auth }
  return [
    { dialect: 'ollama', ...place, adapt: adaptNative },
    { dialect: 'openai', ...place, adapt: adaptOther },
    { dialect: 'anthropic', ...place, adapt: adaptOther },
  ]
}
