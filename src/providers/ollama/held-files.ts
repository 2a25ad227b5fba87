/** The weights and projectors in Ollama's store, as its manifests name them. */
import { lstat, realpath } from 'node:fs/promises'
import type { HeldFile } from '../provider.ts'
import { mediaTypes, type StoredLayer, type StoredManifest } from './manifests.ts'
import { sameName } from './names.ts'
import { inStepTime, type Ollama } from './ollama.ts'
import { blobPath, findStore, isLasting, type Store } from './store.ts'

export async function heldFiles(ollama: Ollama, signal: AbortSignal, name?: string): Promise<HeldFile[]> {
  const store = await inStepTime(ollama, signal, (bounded) => findStore(ollama, bounded)).catch(() => undefined)
  signal.throwIfAborted()
  if (store === undefined) return []
  const wanted = store.manifests.filter(isLasting).filter((one) => name === undefined || sameName(one.name, name))
  const held: HeldFile[] = []
  for (const one of wanted) held.push(...(await filesOf(store, one)))
  signal.throwIfAborted()
  return held
}

async function filesOf(store: Store, { name, layers }: StoredManifest): Promise<HeldFile[]> {
  const found = await Promise.all(layers.map((layer) => fileOf(store, name, layer)))
  return found.filter((one) => one !== undefined)
}

async function fileOf({ blobs }: Store, name: string, { mediaType, sha256 }: StoredLayer): Promise<HeldFile | undefined> {
  const role = mediaType === mediaTypes.weights ? 'weights' : mediaType === mediaTypes.projector ? 'projector' : undefined
  if (role === undefined) return undefined
  const path = await realpath(blobPath(blobs, sha256)).catch(() => undefined)
  const file = path === undefined ? undefined : await lstat(path).catch(() => undefined)
  return path !== undefined && file?.isFile() ? { name, path, bytes: file.size, sha256, role } : undefined
}
