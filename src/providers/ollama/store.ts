/**
 * The folder of the Ollama that is asked. It is written to and linked from only when its manifests are those that this
 * Ollama lists: another one's store (of another user, of a container) must not get our files.
 */
import { access, constants, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, join, normalize } from 'node:path'
import { askJson, isLoopback, shownText } from '../openai-chat/index.ts'
import { askShow } from './list.ts'
import { readManifests, type StoredManifest } from './manifests.ts'
import { isRegistryName } from './model-registry.ts'
import { nameKey } from './names.ts'
import type { Ollama } from './ollama.ts'
import { blobPathsIn } from './shared-weights.ts'
import { modelsOf, nameOf, text } from './wire.ts'

export interface Store {
  readonly root: string
  readonly blobs: string
  readonly manifests: readonly StoredManifest[]
}

/** A model that `/api/tags` lists and that runs here. */
export interface Listed {
  readonly name: string
  readonly digest: string | undefined
  readonly modifiedMs: number
  readonly bytes: number
}

/** File systems keep times more or less exactly. */
const sameTimeMs = 1000

/** How often a list that changes meanwhile is asked for. */
const maxAsked = 5

/** Where stores usually are, the likeliest first. */
export function usualStores(environment: NodeJS.ProcessEnv = process.env): string[] {
  const told = environment.OLLAMA_MODELS
  const service = process.platform === 'linux' ? ['/usr/share/ollama/.ollama/models', '/var/lib/ollama/models'] : []
  return [...(told !== undefined && isAbsolute(told) ? [told] : []), join(homedir(), '.ollama', 'models'), ...service]
}

export const blobPath = (blobs: string, sha256: string): string => join(blobs, `sha256-${sha256}`)

/** Undefined: it is on another machine, cannot be read, or is none of those that are known. */
export async function findStore(ollama: Ollama, signal: AbortSignal): Promise<Store | undefined> {
  if (!isLoopback(ollama.baseUrl)) return undefined
  let listed = await localModels(ollama, signal)
  for (let asked = 1; ; asked += 1) {
    const found = await storeOf(ollama, listed, signal)
    if (found) return found
    // Models may come and go between the list and the look at the folder.
    const now = await localModels(ollama, signal)
    if (asked === maxAsked || JSON.stringify(now) === JSON.stringify(listed)) return undefined
    listed = now
  }
}

async function storeOf(ollama: Ollama, listed: readonly Listed[], signal: AbortSignal): Promise<Store | undefined> {
  for (const root of ollama.stores) {
    const found = ollama.disproved.has(root) ? undefined : await storeAt(root, listed, signal)
    if (found) return found
  }
  const told = await toldStore(ollama, listed, signal)
  return told === undefined || ollama.disproved.has(told) ? undefined : storeAt(told, listed, signal)
}

export async function localModels(ollama: Ollama, signal: AbortSignal): Promise<Listed[]> {
  const entries = modelsOf(await askJson(ollama.engine, { path: '/api/tags', signal }), '/api/tags')
  return entries.flatMap((entry) => {
    const name = nameOf(entry)
    if (name === undefined || text(entry.remote_host) !== undefined || text(entry.remote_model) !== undefined) return []
    const modifiedMs = Date.parse(text(entry.modified_at) ?? '')
    return [{ name, digest: shownText(entry.digest)?.replace(/^sha256:/, ''), modifiedMs, bytes: Number(entry.size) || 0 }]
  })
}

async function storeAt(root: string, listed: readonly Listed[], signal: AbortSignal): Promise<Store | undefined> {
  const blobs = join(root, 'blobs')
  const isFolder = await stat(blobs).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isFolder) return undefined
  const manifests = await readManifests(root, signal)
  return manifests && agree(listed, manifests) ? { root, blobs, manifests } : undefined
}

/**
 * All that is listed lies there with the same digest, and its times are those of the files; or both have nothing. What an
 * import has for a moment does not count.
 */
function agree(allListed: readonly Listed[], allManifests: readonly StoredManifest[]): boolean {
  const [listed, manifests] = [allListed.filter(isLasting), allManifests.filter(isLasting)]
  if (listed.length === 0) return manifests.length === 0
  const byKey = new Map(manifests.map((one) => [nameKey(one.name), one]))
  const pairs = listed.map((one) => [one, byKey.get(nameKey(one.name))] as const)
  if (pairs.some(([one, file]) => one.digest === undefined || file?.digest !== one.digest)) return false
  return pairs.some(([one, file]) => Math.abs(one.modifiedMs - (file?.modifiedMs ?? Number.NaN)) <= sameTimeMs)
}

export const isLasting = ({ name }: { readonly name: string }): boolean => !isRegistryName(name)

/** Where Ollama itself says that the weights of a model lie. */
async function toldStore(ollama: Ollama, listed: readonly Listed[], signal: AbortSignal): Promise<string | undefined> {
  const [first] = listed
  if (first === undefined) return undefined
  const body = await askShow(ollama, first.name, signal).catch(() => undefined)
  signal.throwIfAborted()
  const [path] = blobPathsIn(body)
  if (path === undefined || !isAbsolute(path) || normalize(path) !== path || basename(dirname(path)) !== 'blobs') return undefined
  return dirname(dirname(path))
}

/** Why nothing can be linked into it, in words that follow "because"; undefined: it can. */
export async function whyNoLink(store: Store, source: { path: string; isFile: boolean } | undefined): Promise<string | undefined> {
  const [blobs, file] = await Promise.all([stat(store.blobs).catch(() => undefined), source && stat(source.path).catch(() => undefined)])
  if (blobs === undefined) return 'its store cannot be read'
  const foreign = process.getuid !== undefined && blobs.uid !== process.getuid()
  const writable = await access(store.blobs, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )
  if (!writable) return foreign ? 'it runs as a user of its own, whose store cannot be written' : 'its store cannot be written'
  if (source === undefined || file === undefined) return 'it is not known on which volume the file will lie'
  if (file.dev !== blobs.dev) return 'its store is on another volume'
  const readable = source.isFile && (file.mode & 0o004) !== 0
  return foreign && !readable ? 'it runs as a user of its own, who could not read a link' : undefined
}
