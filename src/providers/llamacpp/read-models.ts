import type { ModelCapability, ModelKind } from '../../contract/index.ts'
import { kindFromName } from '../model-kind.ts'
import { askJson, isFields, type ListedEntry, readModels, shownText, wholeNumber } from '../openai-chat/index.ts'
import type { ListedModel } from '../provider.ts'
import type { Server } from './server.ts'

/** `sleeping` models give their memory back until the next request; `downloading` ones are not there yet. */
export type Status = 'unloaded' | 'loading' | 'loaded' | 'sleeping' | 'downloading'

/** One model of a server, under the name it is shown by and the id the server knows it by. */
export interface ServerModel {
  readonly id: string
  readonly aliases: readonly string[]
  readonly model: ListedModel
  readonly status: Status
  /** The last try to load it failed; with the code its process ended with. */
  readonly failed: boolean
  readonly exitCode?: number | undefined
  /** The context it runs, or would run, with. */
  readonly runningContext?: number | undefined
  /** Its first file, where a router on this machine tells it. */
  readonly path?: string | undefined
}

/**
 * All models. A single server lists one, without a status: it is loaded, or loading as long as it has no `meta`. A
 * router lists all; `status.args` holds the command line, from which only the context is taken.
 */
export async function readServerModels(server: Server, signal: AbortSignal): Promise<ServerModel[]> {
  const body = await askJson(server.engine, { path: server.mode === 'router' ? '/models' : '/v1/models', signal })
  const entries = readModels(body, server.engine.label)
  const names = server.names.publish(entries.map((entry) => entry.id))
  const claims = claimedCapabilities(body)
  const models = entries.map(async (entry) => {
    const name = names.get(entry.id)
    if (name === undefined) return []
    const found = serverModel(name, entry, claims.get(entry.id) ?? [])
    const sizeBytes = found.model.sizeBytes ?? (await server.files.bytesOf(entry))
    return [{ ...found, model: { ...found.model, sizeBytes }, path: server.files.pathOf(entry) }]
  })
  return (await Promise.all(models)).flat()
}

function serverModel(name: string, entry: ListedEntry, claims: readonly string[]): ServerModel {
  const meta = isFields(entry.meta) ? entry.meta : {}
  const status = isFields(entry.status) ? entry.status : undefined
  const kind = kindOf(name, claims)
  return {
    id: entry.id,
    aliases: Array.isArray(entry.aliases) ? entry.aliases.filter((alias) => typeof alias === 'string') : [],
    model: {
      name,
      kind,
      capabilities: capabilitiesOf(kind, entry, claims),
      parameters: parametersOf(wholeNumber(meta.n_params)),
      quantization: quantizationOf(meta.ftype) ?? quantizationInName(name),
      format: 'gguf',
      sizeBytes: wholeNumber(meta.size) || undefined,
      contextLength: wholeNumber(meta.n_ctx_train) || undefined,
    },
    status: status ? statusOf(status.value) : isFields(entry.meta) ? 'loaded' : 'loading',
    failed: status?.failed === true,
    exitCode: wholeNumber(status?.exit_code),
    runningContext: wholeNumber(meta.n_ctx) || contextFrom(status?.args),
  }
}

function statusOf(value: unknown): Status {
  return value === 'loaded' || value === 'loading' || value === 'sleeping' || value === 'downloading' ? value : 'unloaded'
}

/** Beside `data` a single server repeats itself in Ollama's shape; only there it says what it can do. */
function claimedCapabilities(body: unknown): Map<string, readonly string[]> {
  const models = isFields(body) && Array.isArray(body.models) ? body.models.filter(isFields) : []
  return new Map(
    models.flatMap((one) =>
      typeof one.name === 'string' && Array.isArray(one.capabilities)
        ? [[one.name, one.capabilities.filter((capability) => typeof capability === 'string')] as const]
        : [],
    ),
  )
}

/** `completion` is claimed for every model, so that a name which says otherwise is believed. */
function kindOf(name: string, claims: readonly string[]): ModelKind {
  if (claims.includes('embedding') && !claims.includes('completion')) return 'embedding'
  return kindFromName(name)
}

function capabilitiesOf(kind: ModelKind, entry: ListedEntry, claims: readonly string[]): ModelCapability[] {
  if (kind === 'embedding') return ['embedding']
  if (kind !== 'chat') return []
  const architecture = isFields(entry.architecture) ? entry.architecture : {}
  const inputs = Array.isArray(architecture.input_modalities) ? architecture.input_modalities : []
  const vision = inputs.includes('image') || claims.includes('multimodal')
  return ['completion', ...(vision ? ['vision' as const] : []), ...(inputs.includes('audio') ? ['audio' as const] : [])]
}

/** llama.cpp words the file type for people: `Q4_K - Medium` is Q4_K_M, `all F32` is F32. */
function quantizationOf(ftype: unknown): string | undefined {
  const text = shownText(ftype)
    ?.replace(/^(?:all|mostly) /, '')
    .replace(/ - (Small|Medium|Large)$/, (_, size: string) => `_${size[0]}`)
  return text === undefined || /unknown|guessed/i.test(text) ? undefined : text
}

/** A router knows the type only of what it has loaded; by custom it is the end of the file's name. */
const quantizationInName = (name: string): string | undefined =>
  /[-_.:]((?:UD-)?I?Q\d(?:_[0-9A-Z]+)+|BF16|F16|F32|MXFP4)(?:\.gguf)?$/i.exec(name)?.[1]?.toUpperCase()

function parametersOf(count: number | undefined): string | undefined {
  if (!count) return undefined
  const [divisor, unit] = count >= 1e9 ? [1e9, 'B'] : count >= 1e6 ? [1e6, 'M'] : [1e3, 'K']
  return `${Number((count / divisor).toPrecision(3))}${unit}`
}

function contextFrom(args: unknown): number | undefined {
  if (!Array.isArray(args)) return undefined
  const value = args[args.findIndex((arg) => arg === '--ctx-size' || arg === '-c') + 1]
  return args.some((arg) => arg === '--ctx-size' || arg === '-c') && typeof value === 'string'
    ? wholeNumber(Number(value)) || undefined
    : undefined
}
