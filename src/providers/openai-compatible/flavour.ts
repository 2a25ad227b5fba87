import type { Capabilities } from '../../contract/index.ts'
import { isFields, type ListedEntry, plainWire, type Wire } from '../openai-chat/index.ts'

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

/** Behind llama-swap it is llama.cpp nearly always, which takes no tool by name, and tells no `logprobs` where there are tools. */
const llama = { repeatPenalty: 'repeat_penalty', namedTool: false, logprobs: 'without-tools' } as const
const local = { ...plainWire, sampling: true, templateThinking: true, thoughtsBack: true }

/** What each engine takes in a chat, by the name it gives itself in `owned_by`; by their documentation. */
const wires: Readonly<Record<string, Omit<Wire, 'label'>>> = {
  llamacpp: { ...local, ...llama },
  'llama-swap': { ...local, ...llama },
  vllm: { ...local, repeatPenalty: 'repetition_penalty' },
  sglang: { ...local, repeatPenalty: 'repetition_penalty' },
  lmdeploy: { ...local, repeatPenalty: 'repetition_penalty' },
  koboldcpp: local,
}

export function wireOf(entries: readonly ListedEntry[]): Omit<Wire, 'label'> {
  const owners = [...new Set(entries.map((entry) => entry.owned_by))]
  const owner = owners.includes('llama-swap') ? 'llama-swap' : owners.length === 1 ? owners[0] : undefined
  return (typeof owner === 'string' && Object.hasOwn(wires, owner) && wires[owner]) || plainWire
}

export const flavourCapabilities: Readonly<Record<Flavour, Capabilities>> = {
  unknown,
  // It hands on the name its child gives, which is a file; who answered is known from what runs.
  'llama-swap': { ...unknown, unload: 'async', loadedState: true },
  static: { ...unknown, load: 'none', loadedState: true, namesAnsweringModel: true },
}
