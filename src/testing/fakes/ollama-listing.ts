/** What the fake Ollama lists and shows: from its store where it has one, else made up. */
import { createHash } from 'node:crypto'
import type { FakeModel, InMemory } from './fake-models.ts'
import { sendJson } from './fake-server.ts'
import type { Answering } from './ollama-answering.ts'
import type { FakeStore, StoredModel } from './ollama-store.ts'

export const withTag = (name: string): string => (name.includes(':', name.lastIndexOf('/') + 1) ? name : `${name}:latest`)
export const sameName = (a: string, b: string): boolean => withTag(a).toLowerCase() === withTag(b).toLowerCase()

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')
const sizeOf = (model: FakeModel): number => model.sizeBytes ?? 502_232
const storedAs = (store: FakeStore | undefined, model: FakeModel): StoredModel | undefined => store?.find(withTag(model.name))

function detailsOf(model: FakeModel, stored?: StoredModel) {
  const family = String(model.family ?? stored?.config.model_family ?? (model.kind === 'embedding' ? 'bert' : 'llama'))
  return {
    parent_model: '',
    format: 'gguf',
    family,
    families: [family],
    parameter_size: String(model.parameters ?? stored?.config.model_type ?? '123K'),
    quantization_level: String(model.quantization ?? stored?.config.file_type ?? 'unknown'),
  }
}

function capabilitiesOf(model: FakeModel, stored?: StoredModel): string[] {
  if (model.kind === 'embedding') return ['embedding']
  const sees = (stored?.files.length ?? 0) > 1
  return ['completion', ...(model.tools ? ['tools'] : []), ...(model.reasoning ? ['thinking'] : []), ...(sees ? ['vision'] : [])]
}

const tagOf = (model: FakeModel, stored: StoredModel | undefined) => ({
  name: withTag(model.name),
  model: withTag(model.name),
  modified_at: stored?.modifiedAt ?? '2026-11-23T00:47:39.099088256Z',
  size: model.sizeBytes ?? stored?.bytes ?? sizeOf(model),
  digest: stored?.digest ?? digestOf(model.name),
  details: { ...detailsOf(model, stored), context_length: model.contextLength ?? 4096, embedding_length: 64 },
  capabilities: capabilitiesOf(model, stored),
})

const psOf = ({ model, contextLength, expiresAt }: InMemory, stored: StoredModel | undefined) => ({
  name: withTag(model.name),
  model: withTag(model.name),
  size: model.memoryBytes ?? sizeOf(model) * 2,
  digest: stored?.digest ?? digestOf(model.name),
  details: detailsOf(model, stored),
  expires_at: new Date(expiresAt).toISOString(),
  size_vram: model.gpuBytes ?? 0,
  context_length: contextLength,
})

export function tags({ shelf, store, response }: Answering): void {
  sendJson(response, { models: shelf.models.map((model) => tagOf(model, storedAs(store, model))) })
}

export function ps({ shelf, store, response }: Answering): void {
  sendJson(response, { models: [...shelf.loaded.values()].map((one) => psOf(one, storedAs(store, one.model))) })
}

export function show({ shelf, store, asked, response }: Answering): void {
  const name = asked.body?.model ?? asked.body?.name
  const model = shelf.find(name)
  if (!model) return sendJson(response, { error: `model '${withTag(String(name))}' not found` }, 404)
  const architecture = model.kind === 'embedding' ? 'bert' : 'llama'
  const stored = storedAs(store, model)
  const files = stored?.files ?? [`${model.blobs ?? '/var/lib/ollama/models/blobs'}/sha256-${digestOf(model.name)}`]
  sendJson(response, {
    modelfile: files.map((path) => `FROM ${path}\n`).join(''),
    template: '{{ .Prompt }}',
    details: detailsOf(model, stored),
    model_info: {
      'general.architecture': architecture,
      'general.parameter_count': 123_200,
      [`${architecture}.block_count`]: 2,
      [`${architecture}.attention.head_count`]: 4,
      [`${architecture}.attention.head_count_kv`]: 4,
      [`${architecture}.embedding_length`]: 64,
      [`${architecture}.context_length`]: model.contextLength ?? 4096,
      ...(model.kind === 'embedding' && { [`${architecture}.pooling_type`]: 1 }),
    },
    capabilities: capabilitiesOf(model, stored),
    modified_at: stored?.modifiedAt ?? '2026-11-23T00:47:39.099088256Z',
  })
}
