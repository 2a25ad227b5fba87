/** What the parts of the provider share: the connection, what we loaded, what was learned. */
import type { Capabilities } from '../../contract/index.ts'
import type { Engine } from '../openai-chat/index.ts'
import { nameKey } from './names.ts'

export const label = 'Ollama'

export interface Ollama {
  readonly engine: Engine
  readonly baseUrl: string
  /** Keys of names that this provider loaded. */
  readonly ours: Set<string>
  /** Capabilities by digest, of versions whose list does not name them. */
  readonly shown: Map<string, Shown>
  /** Path of the `ollama` command, once it was found. */
  program: string | undefined
}

export interface Shown {
  readonly capabilities: readonly string[] | undefined
  readonly pooling: boolean
}

export const ollamaCapabilities = (program: boolean): Capabilities => ({
  load: 'blocking',
  loadProgress: false,
  unload: 'async',
  loadedState: true,
  reportsMemory: true,
  contextLength: 'per-load',
  gpuLayers: true,
  keepAlive: true,
  multipleModels: true,
  namesAnsweringModel: true,
  pull: true,
  import: 'api',
  remove: 'api',
  start: program,
})

export const isOurs = (ollama: Ollama, name: string): boolean => ollama.ours.has(nameKey(name))
