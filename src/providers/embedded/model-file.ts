/** From a file of the library to a model: what its header says, in our words. */
import { stat } from 'node:fs/promises'
import { readGgufMetadata } from '../../platform/gguf-file.ts'
import type { GgufMetadata } from '../../util/gguf/metadata.ts'
import { quantizationInName } from '../../util/gguf/quantization-name.ts'
import { summaryOf } from '../../util/gguf/summary.ts'
import { kindOf } from '../model-kind.ts'
import type { ModelDetails } from '../provider.ts'

export interface LibraryFile {
  readonly name: string
  /** The first shard, or the only file. */
  readonly path: string
  /** `path` is real, `at` is where it is listed: they differ for a link. */
  readonly parts: readonly { readonly path: string; readonly at: string; readonly bytes: number }[]
  /** The library it is in, its real path. */
  readonly root: string
}

const described = new Map<string, ModelDetails>()
const describedLimit = 5000

/** Cached by what tells one state of a file from another. Undefined when it was taken away meanwhile. */
export async function describeFile(file: LibraryFile): Promise<ModelDetails | undefined> {
  const found = await stat(file.path).catch(() => undefined)
  if (!found) return undefined
  const { ino, size, mtimeMs } = found
  const key = [file.name, file.path, file.parts.length, ino, size, mtimeMs].join('\0')
  const known = described.get(key)
  if (known) return known
  const details = describe(file, await readGgufMetadata(file.path).catch(() => undefined), new Date(mtimeMs).toISOString())
  if (described.size >= describedLimit) described.clear()
  described.set(key, details)
  return details
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
  const { architecture, name, quantization, contextLength, template, cache } = summaryOf(metadata)
  const pooling = metadata.get(`${architecture}.pooling_type`)
  const kind = kindOf({ name: file.name, family: architecture, pooling: typeof pooling === 'number' && pooling > 0 })
  return {
    ...base,
    kind,
    capabilities: kind === 'chat' ? ['completion'] : kind === 'embedding' ? ['embedding'] : [],
    family: architecture,
    displayName: name,
    parameters: shown(metadata.get('general.size_label')),
    quantization: quantization ?? quantizationInName(file.name),
    contextLength,
    template,
    architecture: cache,
  }
}

const shown = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
