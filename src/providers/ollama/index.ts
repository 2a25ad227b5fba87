/** Ollama, by its own API. Seen to work with 0.32; older versions by their documentation. */
import { defaultProviders } from '../../contract/index.ts'
import type { ResolvedProvider } from '../../contract/resolved-provider.ts'
import { createEngine, isLoopback, rootAddress } from '../openai-chat/index.ts'
import type { NativeDialect, Provider } from '../provider.ts'
import { createChangeTurns } from './change-turns.ts'
import { streamChat } from './chat.ts'
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
    sameModel: sameName,
    ...(isLoopback(baseUrl) && { importing: createImporting(ollama) }),
    removing: createRemoving(ollama),
    files: (signal, name) => heldFiles(ollama, signal, name),
    pull: (name, signal) => pullModel(ollama, name, signal),
    start: (signal) => startServer(ollama, place, look, signal),
    close: () => ollama.engine.http.close(),
  }
}

function dialects(ollama: Ollama): NativeDialect[] {
  const place = { baseUrl: ollama.baseUrl, headers: ollama.engine.auth }
  return [
    { dialect: 'ollama', ...place },
    { dialect: 'openai', ...place },
    { dialect: 'anthropic', ...place },
  ]
}
