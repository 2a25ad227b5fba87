import type { ModelCapability, ModelKind } from '../../contract/index.ts'
import { modelName } from '../../contract/index.ts'
import { kindFromName } from '../model-kind.ts'
import { askJson, type Engine, isFields, readModels, shownText, wholeNumber } from '../openai-chat/index.ts'
import type { ListedModel } from '../provider.ts'
import type { ApiLevel } from './api-level.ts'

type Fields = Readonly<Record<string, unknown>>

/** One copy of a model in memory; `id` is what chats and unloads name. */
export interface Instance {
  readonly id: string
  readonly contextLength?: number | undefined
}

export interface StudioModel {
  readonly model: ListedModel
  readonly instances: readonly Instance[]
}

/** Every model as the API of this level tells it; entries whose name could not be used are left out. */
export async function readStudioModels(engine: Engine, level: ApiLevel, signal: AbortSignal): Promise<StudioModel[]> {
  if (level === 'v1') {
    const body = await askJson(engine, { path: '/api/v1/models', signal })
    const models = isFields(body) && Array.isArray(body.models) ? body.models : []
    return models.filter(isFields).flatMap((entry) => fromV1(entry))
  }
  const body = await askJson(engine, { path: level === 'v0' ? '/api/v0/models' : '/v1/models', signal })
  return readModels(body, engine.label).flatMap((entry) => fromV0(entry))
}

function fromV1(entry: Fields): StudioModel[] {
  const name = usableName(entry.key)
  if (name === undefined) return []
  const can = isFields(entry.capabilities) ? entry.capabilities : {}
  const kind = kindOf(entry.type, name)
  const model: ListedModel = {
    name,
    kind,
    capabilities: capabilitiesOf(kind, {
      vision: can.vision === true || entry.type === 'vlm',
      tools: can.trained_for_tool_use === true,
      reasoning: isFields(can.reasoning),
    }),
    displayName: shownText(entry.display_name),
    family: shownText(entry.architecture),
    parameters: shownText(entry.params_string),
    quantization: isFields(entry.quantization) ? shownText(entry.quantization.name) : undefined,
    format: shownText(entry.format),
    sizeBytes: wholeNumber(entry.size_bytes),
    contextLength: wholeNumber(entry.max_context_length),
  }
  const loaded = Array.isArray(entry.loaded_instances) ? entry.loaded_instances : []
  return [{ model, instances: loaded.flatMap((one) => instanceOf(one)) }]
}

/** An entry of `/api/v0/models`; of `/v1/models` only the id is there. */
function fromV0(entry: Fields): StudioModel[] {
  const name = usableName(entry.id)
  if (name === undefined) return []
  const can = Array.isArray(entry.capabilities) ? entry.capabilities : []
  const kind = kindOf(entry.type, name)
  const model: ListedModel = {
    name,
    kind,
    capabilities: capabilitiesOf(kind, { vision: entry.type === 'vlm', tools: can.includes('tool_use'), reasoning: false }),
    family: shownText(entry.arch),
    quantization: shownText(entry.quantization),
    format: shownText(entry.compatibility_type),
    contextLength: wholeNumber(entry.max_context_length),
  }
  return [{ model, instances: entry.state === 'loaded' ? [{ id: name, contextLength: wholeNumber(entry.loaded_context_length) }] : [] }]
}

function instanceOf(value: unknown): Instance[] {
  const id = isFields(value) ? usableName(value.id) : undefined
  if (id === undefined || !isFields(value)) return []
  return [{ id, contextLength: isFields(value.config) ? wholeNumber(value.config.context_length) : undefined }]
}

function kindOf(type: unknown, name: string): ModelKind {
  if (type === 'embedding' || type === 'embeddings') return 'embedding'
  if (type === 'llm' || type === 'vlm') return kindFromName(name) === 'reranker' ? 'reranker' : 'chat'
  return type === undefined ? kindFromName(name) : 'other'
}

function capabilitiesOf(kind: ModelKind, can: { vision: boolean; tools: boolean; reasoning: boolean }): ModelCapability[] {
  if (kind === 'embedding') return ['embedding']
  if (kind !== 'chat') return []
  return [
    'completion',
    ...(can.tools ? ['tools' as const] : []),
    ...(can.vision ? ['vision' as const] : []),
    ...(can.reasoning ? ['reasoning' as const] : []),
  ]
}

const usableName = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length <= 512 && modelName.safeParse(value).success ? value : undefined
