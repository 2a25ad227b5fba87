/** From a file of the library to a model: what its header says, in our words. */
import { stat } from 'node:fs/promises'
import { kindOf } from '../model-kind.ts'
import type { Architecture, ModelDetails } from '../provider.ts'
import { type GgufMetadata, readGgufMetadata } from './gguf-header.ts'

export interface LibraryFile {
  readonly name: string
  /** The first shard, or the only file. */
  readonly path: string
  /** `path` is real, `at` is where it is listed: they differ for a link. */
  readonly parts: readonly { readonly path: string; readonly at: string; readonly bytes: number }[]
  /** The library it is in, its real path. */
  readonly root: string
}

/** Source: `llama_ftype` of llama.cpp. */
const quantizations: Readonly<Record<number, string>> = {
  0: 'F32',
  1: 'F16',
  2: 'Q4_0',
  3: 'Q4_1',
  7: 'Q8_0',
  8: 'Q5_0',
  9: 'Q5_1',
  10: 'Q2_K',
  11: 'Q3_K_S',
  12: 'Q3_K_M',
  13: 'Q3_K_L',
  14: 'Q4_K_S',
  15: 'Q4_K_M',
  16: 'Q5_K_S',
  17: 'Q5_K_M',
  18: 'Q6_K',
  19: 'IQ2_XXS',
  20: 'IQ2_XS',
  21: 'Q2_K_S',
  22: 'IQ3_XS',
  23: 'IQ3_XXS',
  24: 'IQ1_S',
  25: 'IQ4_NL',
  26: 'IQ3_S',
  27: 'IQ3_M',
  28: 'IQ2_S',
  29: 'IQ2_M',
  30: 'IQ4_XS',
  31: 'IQ1_M',
  32: 'BF16',
  36: 'TQ1_0',
  37: 'TQ2_0',
  38: 'MXFP4',
}

const cache = new Map<string, ModelDetails>()
const cacheLimit = 5000

/** Cached by what tells one state of a file from another. Undefined when it was taken away meanwhile. */
export async function describeFile(file: LibraryFile): Promise<ModelDetails | undefined> {
  const found = await stat(file.path).catch(() => undefined)
  if (!found) return undefined
  const { ino, size, mtimeMs } = found
  const key = [file.name, file.path, file.parts.length, ino, size, mtimeMs].join('\0')
  const known = cache.get(key)
  if (known) return known
  const described = describe(file, await readGgufMetadata(file.path).catch(() => undefined), new Date(mtimeMs).toISOString())
  if (cache.size >= cacheLimit) cache.clear()
  cache.set(key, described)
  return described
}

/**
 * A header that cannot be read says nothing about what the file is for. It is listed as a chat model, since loading it
 * then tells the reason in llama.cpp's words, where an unlisted file would tell nothing.
 */
function describe(file: LibraryFile, metadata: GgufMetadata | undefined, modifiedAt: string): ModelDetails {
  const sizeBytes = file.parts.reduce((sum, { bytes }) => sum + bytes, 0)
  const base = {
    name: file.name,
    identity: file.path,
    sizeBytes,
    modifiedAt,
    files: file.parts.map(({ path, bytes }) => ({ path, bytes })),
    format: 'gguf',
  }
  if (!metadata) return { ...base, kind: 'chat', capabilities: ['completion'] }
  const text = (key: string): string | undefined => shown(metadata.get(key))
  const architecture = text('general.architecture')
  const own = (key: string): number | undefined => number(metadata.get(`${architecture}.${key}`))
  const kind = kindOf({ name: file.name, family: architecture, pooling: (own('pooling_type') ?? 0) > 0 })
  return {
    ...base,
    kind,
    capabilities: kind === 'chat' ? ['completion'] : kind === 'embedding' ? ['embedding'] : [],
    family: architecture,
    displayName: text('general.name'),
    parameters: text('general.size_label'),
    quantization: quantizations[number(metadata.get('general.file_type')) ?? -1] ?? quantizationIn(file.name),
    contextLength: own('context_length'),
    template: text('tokenizer.chat_template'),
    architecture: architectureOf(own),
  }
}

/** As people name files; the header knows only the kinds of its time. */
const quantizationIn = (name: string): string | undefined =>
  /(?:^|[-_.])((?:UD-)?I?Q\d(?:_[A-Z0-9]+)*|BF16|F16|F32|MXFP4(?:_MOE)?)(?:$|[-.])/i.exec(name)?.[1]?.toUpperCase()

function architectureOf(own: (key: string) => number | undefined): Architecture | undefined {
  const [layers, heads, width] = [own('block_count'), own('attention.head_count'), own('embedding_length')]
  if (!layers || !heads || !width) return undefined
  const perHead = width / heads
  return {
    layers,
    headsKv: own('attention.head_count_kv') ?? heads,
    keyLength: own('attention.key_length') ?? perHead,
    valueLength: own('attention.value_length') ?? perHead,
  }
}

const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
const shown = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= 100_000 ? value : undefined
