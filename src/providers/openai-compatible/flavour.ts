import type { Capabilities } from '../../contract/index.ts'
import { isFields, type ListedEntry } from '../openai-chat/index.ts'

/**
 * What stands behind an OpenAI address, as far as it matters to switching.
 *
 * - `llama-swap`: loads on request, says what runs, unloads on command.
 * - `static`: one process, its models always in memory (vLLM, SGLang, LMDeploy, KoboldCpp, a single llama-server).
 * - `unknown`: lists and chats; whatever else it can do, it has no common way to say.
 */
export type Flavour = 'llama-swap' | 'static' | 'unknown'

const alwaysLoaded = new Set(['vllm', 'sglang', 'lmdeploy', 'koboldcpp', 'llamacpp'])

/** By `owned_by`, which these engines set to their own name. */
export function flavourOf(entries: readonly ListedEntry[]): Flavour {
  const owners = new Set(entries.map((entry) => entry.owned_by))
  if (owners.has('llama-swap')) return 'llama-swap'
  const [owner] = owners
  // A llama.cpp router says the state of each model; a single server has none to say.
  const single =
    owners.size === 1 && typeof owner === 'string' && alwaysLoaded.has(owner) && !entries.some((entry) => isFields(entry.status))
  return single ? 'static' : 'unknown'
}

const unknown: Capabilities = {
  load: 'lazy',
  loadProgress: false,
  unload: 'none',
  loadedState: false,
  reportsMemory: false,
  contextLength: 'fixed',
  gpuLayers: false,
  keepAlive: false,
  multipleModels: true,
  namesAnsweringModel: false,
  pull: false,
  import: 'none',
  remove: 'none',
  start: false,
}

export const flavourCapabilities: Readonly<Record<Flavour, Capabilities>> = {
  unknown,
  // It hands on the name its child gives, which is a file; who answered is known from what runs.
  'llama-swap': { ...unknown, unload: 'async', loadedState: true },
  static: { ...unknown, load: 'none', loadedState: true, namesAnsweringModel: true },
}
