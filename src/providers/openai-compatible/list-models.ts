import type { ModelCapability, ModelKind } from '../../contract/index.ts'
import { kindFromName } from '../model-kind.ts'
import { isFields, type ListedEntry, shownText, wholeNumber } from '../openai-chat/index.ts'
import type { ListedModel } from '../provider.ts'

/**
 * One entry of `/v1/models`. The dialect promises an id and no more; what some engines add is read where it is there:
 * vLLM `max_model_len`, llama.cpp `meta`, Docker Model Runner `dmr`, Lemonade `labels`, `size` (GB) and `context_length`.
 */
export function listedModel(name: string, entry: ListedEntry): ListedModel {
  const docker = isFields(entry.dmr) ? entry.dmr : {}
  const labels = Array.isArray(entry.labels) ? entry.labels.filter((label) => typeof label === 'string') : []
  const kind = kindOf(name, labels)
  return {
    name,
    kind,
    capabilities: capabilitiesOf(kind, labels),
    parameters: shownText(docker.parameters),
    quantization: shownText(docker.quantization),
    family: shownText(docker.architecture),
    sizeBytes: sizeOf(entry),
    contextLength: contextOf(entry),
    ...(entry.recipe === 'cloud' && { remote: true }),
  }
}

/** The context a model that is in memory runs with; llama.cpp tells it apart from the longest. */
export function runsWith(entry: ListedEntry): number | undefined {
  return (isFields(entry.meta) ? wholeNumber(entry.meta.n_ctx) : undefined) ?? contextOf(entry)
}

/** The longest context the entry promises. */
function contextOf(entry: ListedEntry): number | undefined {
  const docker = isFields(entry.dmr) ? entry.dmr : {}
  const meta = isFields(entry.meta) ? entry.meta : {}
  return (
    wholeNumber(entry.max_model_len) ??
    wholeNumber(entry.max_context_window) ??
    wholeNumber(entry.context_length) ??
    wholeNumber(docker.context_window) ??
    wholeNumber(meta.n_ctx_train)
  )
}

function kindOf(name: string, labels: readonly string[]): ModelKind {
  if (labels.includes('embeddings')) return 'embedding'
  if (labels.includes('reranking')) return 'reranker'
  if (labels.includes('image') || labels.includes('transcription')) return 'other'
  return kindFromName(name)
}

function capabilitiesOf(kind: ModelKind, labels: readonly string[]): ModelCapability[] {
  if (kind === 'embedding') return ['embedding']
  if (kind !== 'chat') return []
  const told: readonly (readonly [string, ModelCapability])[] = [
    ['vision', 'vision'],
    ['reasoning', 'reasoning'],
    ['tool-calling', 'tools'],
  ]
  return ['completion', ...told.filter(([label]) => labels.includes(label)).map(([, capability]) => capability)]
}

function sizeOf(entry: ListedEntry): number | undefined {
  const meta = isFields(entry.meta) ? entry.meta : {}
  const gigabytes =
    entry.owned_by === 'lemonade' && typeof entry.size === 'number' && entry.size > 0 ? Math.round(entry.size * 1e9) : undefined
  return wholeNumber(meta.size) ?? gigabytes
}
