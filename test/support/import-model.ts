/** A model as an ingestion gives it to an engine: files with their names, sizes and hashes. */
import { createHash } from 'node:crypto'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ImportAddition, ImportContext, ImportModel, LocalFile } from '../../src/providers/provider.ts'

export interface ModelOnDisk {
  readonly repo?: string
  readonly weights: Readonly<Record<string, Uint8Array | string>>
  readonly projector?: { readonly name: string; readonly bytes: Uint8Array | string }
}

/** Writes the files below the library as the library does, `publisher/repo/file`. */
export async function modelIn(library: string, { repo = 'lab/Tiny-GGUF', weights, projector }: ModelOnDisk): Promise<ImportModel> {
  const put = async (name: string, bytes: Uint8Array | string): Promise<LocalFile> => {
    const path = join(library, repo, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, bytes)
    const whole = Buffer.from(bytes)
    return { name, path, bytes: whole.byteLength, sha256: createHash('sha256').update(whole).digest('hex') }
  }
  const files: LocalFile[] = []
  for (const [name, bytes] of Object.entries(weights)) files.push(await put(name, bytes))
  return { repo, weights: files, ...(projector && { projector: await put(projector.name, projector.bytes) }) }
}

export const importing = (more: Partial<ImportContext> = {}): ImportContext => ({ signal: AbortSignal.timeout(20_000), ...more })

export interface Kept extends Required<Pick<ImportContext, 'onAdding' | 'onNotAdded'>> {
  all(): ImportAddition[]
}

/** Keeps what it is told as an ingestion does: told once more replaces, and what was not added is struck. */
export function recordOf(onTold: () => unknown = () => undefined): Kept {
  const kept = new Map<string, ImportAddition>()
  const keyOf = ({ kind, what }: ImportAddition): string => `${kind} ${what}`
  return {
    async onAdding(one) {
      kept.set(keyOf(one), one)
      await onTold()
    },
    onNotAdded: async (one) => void kept.delete(keyOf(one)),
    all: () => [...kept.values()],
  }
}

/** Every file below a folder, hidden ones too, folders left out. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((one) => !one.isDirectory())
    .map((one) => join(one.parentPath, one.name).slice(folder.length + 1))
    .sort()
}
