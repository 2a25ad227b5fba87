/** What Ollama sends, read by shape: only the fields that are used, each of them possibly absent or of a wrong type. */
import { type LoadOptions, ModelyardError, modelName } from '../../contract/index.ts'
import { isFields } from '../openai-chat/index.ts'
import type { NativeRequest } from '../provider.ts'

export type Fields = Readonly<Record<string, unknown>>

export const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
export const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
export const count = (value: unknown): number | undefined => (Number.isSafeInteger(value) ? number(value) : undefined)
export const fields = (value: unknown): Fields => (isFields(value) ? value : {})
export const texts = (value: unknown): string[] | undefined =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined

/** A text that may be absent; throws `provider_protocol` for anything else in its place. */
export function pieceOf(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') throw new ModelyardError('provider_protocol', `Ollama: expected text as ${name} in its answer.`)
  return value
}

/** The `models` of an answer; throws `provider_protocol` when it is no such list. */
export function modelsOf(body: unknown, route: string): Fields[] {
  const models = fields(body).models
  if (models === null) return []
  if (!Array.isArray(models)) throw new ModelyardError('provider_protocol', `Ollama: expected "models" as a list from ${route}.`)
  return models.filter(isFields)
}

/** `name` and `model` say the same; emulators send one of them. A name that nobody could type is none. */
export const nameOf = (entry: Fields): string | undefined => [entry.name, entry.model].find(isName)

const isName = (value: unknown): value is string => typeof value === 'string' && modelName.safeParse(value).success

/** The options of a request that must be the same every time: others make Ollama load the model anew. */
export function loadFields(load: LoadOptions | undefined): { options?: Fields; keep_alive?: string | number } {
  const options = {
    ...(load?.contextLength !== undefined && { num_ctx: load.contextLength }),
    ...(load?.gpuLayers !== undefined && { num_gpu: load.gpuLayers }),
  }
  return {
    ...(Object.keys(options).length > 0 && { options }),
    ...(load?.keepAlive !== undefined && { keep_alive: keepAlive(load.keepAlive) }),
  }
}

/** Options by which a runner of Ollama differs from another (`api.Runner` in its types): another value loads the model anew. */
const runnerOptions = new Set(['num_ctx', 'num_batch', 'num_gpu', 'main_gpu', 'use_mmap', 'num_thread'])

/** Members of a request that hold the model as it is loaded, with the rest of the options its client wrote. */
export function heldAsLoaded(load: LoadOptions, written: NativeRequest['written']): Fields {
  const { options, keep_alive } = loadFields(load)
  const own = written('options')
  const kept = Object.entries(isFields(own) ? own : {}).filter(([name]) => !runnerOptions.has(name))
  const asked = keep_alive !== undefined || written('keep_alive') !== undefined
  return {
    ...((own !== undefined || options !== undefined) && { options: { ...Object.fromEntries(kept), ...options } }),
    ...(asked && { keep_alive: keep_alive ?? null }),
  }
}

/** A text without a unit is no duration in Go. */
const keepAlive = (value: string | number): string | number => (typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value)

/** Not kept at all when idle: in a request without a prompt that means to unload. */
export const keepsNothing = (value: string | number | undefined): boolean =>
  value !== undefined && /^-?(?:0+(?:ms|s|m|h)?)+$/.test(String(value))
