/** From a file of the library to a model: what its header says, in our words. */
import { readGgufMetadata } from '../../platform/gguf-file.ts'
import type { GgufMetadata } from '../../util/gguf/metadata.ts'
import { quantizationInName } from '../../util/gguf/quantization-name.ts'
import { summaryOf } from '../../util/gguf/summary.ts'
import { kindOf } from '../model-kind.ts'
import type { ListedModel, ModelDetails } from '../provider.ts'

export interface LibraryFile {
  readonly name: string
  /** The first shard, or the only file. */
  readonly path: string
  readonly parts: readonly FilePart[]
  /** The library it is in, its real path. */
  readonly root: string
}

/** `path` is real, `at` is where it is listed: they differ for a link. */
export interface FilePart {
  readonly path: string
  readonly at: string
  readonly bytes: number
  readonly ino: number
  readonly mtimeMs: number
}

/** What a list needs of a header. Empty for one that cannot be read. */
export interface HeaderFacts {
  readonly architecture?: string | undefined
  readonly name?: string | undefined
  readonly quantization?: string | undefined
  readonly contextLength?: number | undefined
  /** As its maker words it, such as `8B`. */
  readonly parameters?: string | undefined
  /** What it gives is pooled: it makes embeddings. */
  readonly pooling?: boolean | undefined
}

/** Undefined when the file was taken away meanwhile. */
export async function describeFile(file: LibraryFile): Promise<ModelDetails | undefined> {
  const metadata = await readHeader(file)
  if (metadata === 'gone') return undefined
  const { template, cache } = metadata ? summaryOf(metadata) : {}
  const files = file.parts.map(({ path, bytes }) => ({ path, bytes }))
  return { ...listedAs(file, factsOf(metadata)), files, ...(template && { template }), ...(cache && { architecture: cache }) }
}

export async function readFacts(file: LibraryFile): Promise<HeaderFacts | undefined> {
  const metadata = await readHeader(file)
  return metadata === 'gone' ? undefined : factsOf(metadata)
}

/**
 * A header that cannot be read says nothing about what the file is for. It is listed as a chat model, since loading it
 * then tells the reason in llama.cpp's words, where an unlisted file would tell nothing.
 */
export function listedAs({ name, path, parts }: LibraryFile, facts: HeaderFacts): ListedModel {
  const sizeBytes = parts.reduce((sum, { bytes }) => sum + bytes, 0)
  const modifiedAt = new Date(parts[0]?.mtimeMs ?? 0).toISOString()
  const kind = Object.keys(facts).length === 0 ? 'chat' : kindOf({ name, family: facts.architecture, pooling: facts.pooling === true })
  return {
    name,
    identity: path,
    sizeBytes,
    modifiedAt,
    format: 'gguf',
    kind,
    capabilities: kind === 'chat' ? ['completion'] : kind === 'embedding' ? ['embedding'] : [],
    family: facts.architecture,
    displayName: facts.name,
    parameters: facts.parameters,
    quantization: facts.quantization ?? quantizationInName(name),
    contextLength: facts.contextLength,
  }
}

const readHeader = ({ path }: LibraryFile): Promise<GgufMetadata | undefined | 'gone'> =>
  readGgufMetadata(path).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? 'gone' : undefined))

function factsOf(metadata: GgufMetadata | undefined): HeaderFacts {
  if (!metadata) return {}
  const { architecture, name, quantization, contextLength } = summaryOf(metadata)
  const pooling = metadata.get(`${architecture}.pooling_type`)
  const facts: HeaderFacts = {
    architecture,
    name,
    quantization,
    contextLength,
    parameters: shown(metadata.get('general.size_label')),
    pooling: (typeof pooling === 'number' && pooling > 0) || undefined,
  }
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
}

const shown = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' && value.length <= 100 ? value : undefined)
