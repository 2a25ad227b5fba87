/** What the header of a GGUF file says that anybody here needs. Absent is unknown. */
import type { CacheShape } from '../model-memory.ts'
import type { ByteSource } from './byte-source.ts'
import { fileTypes } from './file-types.ts'
import { DamagedHeader } from './header-reader.ts'
import { type GgufMetadata, openHeader, readMetadata } from './metadata.ts'
import { readTensors, type TensorFacts } from './tensors.ts'

export interface GgufSummary {
  readonly architecture?: string | undefined
  readonly name?: string | undefined
  /** By `general.file_type`. */
  readonly quantization?: string | undefined
  /** The longest it was trained for. */
  readonly contextLength?: number | undefined
  readonly template?: string | undefined
  readonly parameters?: number | undefined
  /** The shape of its context cache, where it is of the simple kind. */
  readonly cache?: CacheShape | undefined
  /** 1-based; absent for a file that is whole by itself. */
  readonly shard?: { readonly index: number; readonly count: number } | undefined
  readonly role: 'model' | 'projector' | 'adapter' | 'other'
}

/** The whole header, and whether the file is as long as its tensors need. Throws `DamagedHeader`. */
export async function readSummary(source: ByteSource): Promise<GgufSummary> {
  const { metadata, tensors, reader } = await openHeader(source)
  const facts = await readTensors(reader, { count: tensors, alignment: alignmentOf(metadata), size: source.size })
  return summaryOf(metadata, facts)
}

/** Only what stands before the vocabulary, which is most of a header: no template, often no quantization. */
export async function readBeginning(source: ByteSource): Promise<GgufSummary> {
  return summaryOf(await readMetadata(source, { until: (key) => key.startsWith('tokenizer.') }))
}

export function summaryOf(metadata: GgufMetadata, tensors?: TensorFacts): GgufSummary {
  const architecture = name(metadata.get('general.architecture'))
  const shard = shardOf(metadata)
  const told = natural(metadata.get('general.parameter_count'))
  const summary: GgufSummary = {
    architecture,
    name: name(metadata.get('general.name')),
    quantization: fileTypes[natural(metadata.get('general.file_type')) ?? -1],
    contextLength: positive(metadata.get(`${architecture}.context_length`)),
    template: text(metadata.get('tokenizer.chat_template')),
    parameters: told || (shard ? undefined : tensors?.values) || undefined,
    cache: architecture === undefined ? undefined : cacheOf(metadata, architecture),
    shard,
    role: roleOf(text(metadata.get('general.type')), architecture, shard !== undefined),
  }
  return Object.fromEntries(Object.entries(summary).filter(([, value]) => value !== undefined)) as unknown as GgufSummary
}

/**
 * Source: `general.type` as gguf-py's `GGUFType` has it; projectors had none before, but an architecture of their own.
 * A shard may say no more than which one it is.
 */
function roleOf(type: string | undefined, architecture: string | undefined, isShard: boolean): GgufSummary['role'] {
  if (architecture === 'clip' || type === 'mmproj') return 'projector'
  if (type === 'adapter') return 'adapter'
  if (type !== undefined && type !== 'model') return 'other'
  return architecture !== undefined || isShard ? 'model' : 'other'
}

/** `split.no` counts from 0. Source: `LLM_KV_SPLIT_NO` of llama.cpp. */
function shardOf(metadata: GgufMetadata): GgufSummary['shard'] {
  const [no, count] = [natural(metadata.get('split.no')), natural(metadata.get('split.count'))]
  return no !== undefined && count !== undefined && count > 1 && no < count ? { index: no + 1, count } : undefined
}

const mostLayers = 4096
const mostOfRest = 2 ** 20

/**
 * The same for every layer, and one entry per token: undefined for layers that differ (arrays) and for state-space
 * models, whose state does not grow.
 */
export function cacheOf(metadata: GgufMetadata, architecture: string): CacheShape | undefined {
  const own = (key: string): unknown => metadata.get(`${architecture}.${key}`)
  const [layers, heads, width] = [own('block_count'), own('attention.head_count'), own('embedding_length')].map(positive)
  const headsKv = metadata.has(`${architecture}.attention.head_count_kv`) ? positive(own('attention.head_count_kv')) : heads
  const perHead = heads && width && width % heads === 0 ? width / heads : undefined
  const keyLength = positive(own('attention.key_length')) ?? perHead
  const valueLength = positive(own('attention.value_length')) ?? perHead
  if (!layers || !headsKv || !keyLength || !valueLength || own('ssm.state_size') !== undefined) return undefined
  if (layers > mostLayers || Math.max(headsKv, keyLength, valueLength) > mostOfRest) return undefined
  return { layers, headsKv, keyLength, valueLength }
}

const usualAlignment = 32
const mostAlignment = 2 ** 16

function alignmentOf(metadata: GgufMetadata): number {
  const alignment = positive(metadata.get('general.alignment') ?? usualAlignment)
  if (alignment === undefined || alignment > mostAlignment || !Number.isInteger(Math.log2(alignment)))
    throw new DamagedHeader('its alignment is no power of two that is used')
  return alignment
}

const natural = (value: unknown): number | undefined => (Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined)
const positive = (value: unknown): number | undefined => natural(value) || undefined
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
/** A short text without control or invisible characters. */
const name = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,200}$/u.test(value) ? value : undefined
