/** The models Ollama holds, and one of them in detail. */
import { type ModelCapability, type ModelKind, ModelyardError } from '../../contract/index.ts'
import { kindOf } from '../model-kind.ts'
import { askJson, shownText } from '../openai-chat/index.ts'
import type { Architecture, ListedModel, ModelDetails } from '../provider.ts'
import { sameName } from './names.ts'
import { label, type Ollama, type Shown } from './ollama.ts'
import { count, type Fields, fields, modelsOf, nameOf, number, text, texts } from './wire.ts'

/** Requests at once to versions that must be asked for each model. */
const shownAtOnce = 4

export async function listModels(ollama: Ollama, signal: AbortSignal): Promise<ListedModel[]> {
  const entries = modelsOf(await askJson(ollama.engine, { path: '/api/tags', signal }), '/api/tags')
  await learnMissing(ollama, entries, signal)
  return entries.flatMap((entry) => listed(ollama, entry) ?? [])
}

export async function showModel(ollama: Ollama, name: string, signal: AbortSignal): Promise<ModelDetails> {
  const [models, body] = await Promise.all([listModels(ollama, signal), askShow(ollama, name, signal)])
  const found = models.find((one) => sameName(one.name, name))
  if (!found) throw new ModelyardError('model_not_found', `${label}: model "${name}" not found.`)
  const info = fields(body.model_info)
  const capabilities = known(capabilitiesOf(texts(body.capabilities))) ?? found.capabilities
  const contextLength = found.contextLength ?? count(info[`${text(info['general.architecture'])}.context_length`])
  return { ...found, capabilities, contextLength, template: text(body.template), architecture: architectureOf(info) }
}

export const askShow = async (ollama: Ollama, model: string, signal: AbortSignal): Promise<Fields> =>
  fields(await askJson(ollama.engine, { method: 'POST', path: '/api/show', body: { model }, signal }, { model, notFound: 'model' }))

function listed(ollama: Ollama, entry: Fields): ListedModel | undefined {
  const name = nameOf(entry)
  if (name === undefined) return undefined
  const details = fields(entry.details)
  const digest = shownText(entry.digest)
  const shown = digest === undefined ? undefined : ollama.shown.get(digest)
  const capabilities = known(capabilitiesOf(known(texts(entry.capabilities)) ?? shown?.capabilities))
  const family = shownText(details.family)
  const kind = kindOf({ name, capabilities, family, pooling: shown?.pooling })
  const remote = text(entry.remote_host) !== undefined || text(entry.remote_model) !== undefined
  return {
    name,
    identity: digest,
    kind,
    capabilities: capabilities ?? usualOf[kind],
    family,
    parameters: shownText(details.parameter_size),
    quantization: knownQuantization(shownText(details.quantization_level)),
    format: shownText(details.format),
    sizeBytes: remote ? undefined : number(entry.size),
    contextLength: count(details.context_length),
    modifiedAt: dateOf(entry.modified_at),
    ...(remote && { remote }),
  }
}

/** Versions that know the field, but fill it only sometimes, send an empty list. */
const known = <T>(list: readonly T[] | undefined): readonly T[] | undefined => (list === undefined || list.length === 0 ? undefined : list)

/** Where the engine tells nothing. */
const usualOf: Readonly<Record<ModelKind, readonly ModelCapability[]>> = {
  chat: ['completion'],
  embedding: ['embedding'],
  reranker: [],
  other: [],
}

const knownQuantization = (level: string | undefined): string | undefined => (level === 'unknown' ? undefined : level)

function dateOf(value: unknown): string | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? undefined : new Date(time).toISOString()
}

const words: ReadonlyMap<string, ModelCapability> = new Map([
  ['completion', 'completion'],
  ['tools', 'tools'],
  ['insert', 'insert'],
  ['vision', 'vision'],
  ['embedding', 'embedding'],
  ['thinking', 'reasoning'],
  ['image', 'image'],
  ['audio', 'audio'],
])

const capabilitiesOf = (told: readonly string[] | undefined): ModelCapability[] | undefined => told?.flatMap((one) => words.get(one) ?? [])

/** Before 0.30 the list may name no capabilities; `/api/show` does since 0.6.4, and the weights tell in any version. */
async function learnMissing(ollama: Ollama, entries: readonly Fields[], signal: AbortSignal): Promise<void> {
  const silent = entries.filter((entry) => known(texts(entry.capabilities)) === undefined)
  const digests = new Set(silent.map((entry) => shownText(entry.digest)))
  for (const digest of ollama.shown.keys()) if (!digests.has(digest)) ollama.shown.delete(digest)
  const unknown = silent.filter((entry) => !ollama.shown.has(shownText(entry.digest) ?? ''))
  const queue = unknown.values()
  const learn = async (): Promise<void> => {
    for (const entry of queue) await learnOne(ollama, entry, signal)
  }
  await Promise.all(Array.from({ length: Math.min(shownAtOnce, unknown.length) }, learn))
}

async function learnOne(ollama: Ollama, entry: Fields, signal: AbortSignal): Promise<void> {
  const [name, digest] = [nameOf(entry), shownText(entry.digest)]
  if (name === undefined || digest === undefined) return
  try {
    const body = await askShow(ollama, name, signal)
    const pooling = Object.keys(fields(body.model_info)).some((key) => key.endsWith('.pooling_type'))
    const shown: Shown = { capabilities: texts(body.capabilities), pooling }
    ollama.shown.set(digest, shown)
  } catch (error) {
    // One model that cannot be shown must not hide the others; it is asked for again next time.
    if (signal.aborted) throw error
  }
}

function architectureOf(info: Fields): Architecture | undefined {
  const of = (key: string): number | undefined => number(info[`${text(info['general.architecture'])}.${key}`])
  const [layers, heads, width] = [of('block_count'), of('attention.head_count'), of('embedding_length')]
  if (layers === undefined || heads === undefined || heads === 0 || width === undefined) return undefined
  const perHead = width / heads
  const headsKv = of('attention.head_count_kv') ?? heads
  return { layers, headsKv, keyLength: of('attention.key_length') ?? perHead, valueLength: of('attention.value_length') ?? perHead }
}
