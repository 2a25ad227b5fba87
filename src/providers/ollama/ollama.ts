/** What the parts of the provider share: the connection, what we loaded, what was learned. */
import { type Capabilities, ModelyardError } from '../../contract/index.ts'
import { withinTime } from '../../platform/within-time.ts'
import { loadLimitMs } from '../load-limit.ts'
import type { Engine } from '../openai-chat/index.ts'
import type { InChangeTurn } from './change-turns.ts'
import { nameKey } from './names.ts'

export const label = 'Ollama'

export interface Ollama {
  readonly engine: Engine
  readonly baseUrl: string
  readonly limits: OllamaLimits
  /** Keys of names that this provider loaded. */
  readonly ours: Set<string>
  /** Names that share weights share one place in memory, listed under one of them: its key, and the name in use since. */
  readonly usedAs: Map<string, string>
  /** Capabilities by digest, of versions whose list does not name them. */
  readonly shown: Map<string, Shown>
  /** Path of the `ollama` command, once it was found. */
  program: string | undefined
  /** Folders that may be its store, the likeliest first. */
  readonly stores: readonly string[]
  /** Folders that looked like its store, but a blob in them is not seen by it. */
  readonly disproved: Set<string>
  /**
   * For what changes the folder of the manifests: a delete of Ollama also removes empty folders, and fails half done where
   * another request makes or removes one meanwhile (PruneDirectory in manifest/paths.go; seen with 0.32.15).
   */
  readonly inTurn: InChangeTurn
  /** Our folder of GGUF files: where a file that is still to come will lie. */
  readonly library: string | undefined
}

/** Where files are on this machine. */
export interface OllamaPlaces {
  readonly library?: string | undefined
  /** Folders that may be its store after `modelsDir` of the configuration; the usual ones when absent. */
  readonly stores?: readonly string[] | undefined
}

export interface OllamaLimits {
  readonly loadMs: (sizeBytes: number | undefined) => number
  /** Until a model that is to go has gone: it waits for its requests. */
  readonly unloadMs: number
  readonly startMs: number
  /** Silence of a pull: while Ollama checks the hash of what it has fetched it says nothing. */
  readonly pullIdleMs: number
  /** Of each step of an import but the pull, and of a plan. */
  readonly stepMs: number
}

export const usualLimits: OllamaLimits = { loadMs: loadLimitMs, unloadMs: 60_000, startMs: 30_000, pullIdleMs: 30 * 60_000, stepMs: 30_000 }

export interface Shown {
  readonly capabilities: readonly string[] | undefined
  readonly pooling: boolean
}

/** `program`: its command is known; `local`: it is on this machine, where it can reach us. */
export const ollamaCapabilities = ({ program, local }: { program: boolean; local: boolean }): Capabilities => ({
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
  import: local ? 'api' : 'none',
  remove: 'api',
  start: program,
})

export const isOurs = (ollama: Ollama, name: string): boolean => ollama.ours.has(nameKey(name))

/** A step that Ollama should be quick with. */
export const inStepTime = <T>(ollama: Ollama, signal: AbortSignal, work: (bounded: AbortSignal) => Promise<T>): Promise<T> => {
  const ms = ollama.limits.stepMs
  return withinTime({ signal, ms, late: () => new ModelyardError('timeout', `${label} did not answer within ${ms / 1000} s.`) }, work)
}
