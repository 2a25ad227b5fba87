/**
 * The models in the library folder: every GGUF file a person puts there, shards as one, projectors left out. Nothing
 * outside the folder is ever listed, whatever links say.
 */
import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { modelName } from '../../contract/index.ts'
import type { ModelDetails } from '../provider.ts'
import { describeFile, type LibraryFile } from './model-file.ts'

const maxDepth = 4
const maxFiles = 20_000
const maxFolders = 20_000
/** Headers read at once: each may take a few MiB while it is read. */
const headersAtOnce = 4
const shard = /^(.*)-(\d{5})-of-(\d{5})$/

/** Every model with what its header says. What is taken away meanwhile is left out. */
export async function listLibrary(library: string): Promise<ModelDetails[]> {
  const files = await scanLibrary(library)
  const described: (ModelDetails | undefined)[] = []
  const rest = files.entries()
  const worker = async (): Promise<void> => {
    for (const [index, file] of rest) described[index] = await describeFile(file)
  }
  await Promise.all(Array.from({ length: headersAtOnce }, worker))
  return described.filter((one) => one !== undefined)
}

/** In the order of their names, each name once: a whole file goes before shards of its name. */
export async function scanLibrary(library: string): Promise<LibraryFile[]> {
  const root = await realpath(library).catch(() => undefined)
  if (root === undefined) return []
  const seen: Seen = { files: [], folders: 0 }
  await walk({ root, folder: root, depth: 0 }, seen)
  const byName = new Map(grouped(seen.files).map((one) => [one.name, { ...one, root }]))
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

interface Seen {
  readonly files: Found[]
  folders: number
}

interface Found {
  /** Below the library, with forward slashes, without `.gguf`. */
  readonly stem: string
  readonly path: string
  /** Where it is listed; another place than `path` for a link. */
  readonly at: string
  readonly bytes: number
}

interface Place {
  readonly root: string
  readonly folder: string
  readonly depth: number
}

async function walk({ root, folder, depth }: Place, seen: Seen): Promise<void> {
  seen.folders += 1
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    if (seen.files.length >= maxFiles) return
    if (entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    if (!entry.isDirectory()) seen.files.push(...(await fileAt(root, path, entry)))
    else if (depth < maxDepth && seen.folders < maxFolders) await walk({ root, folder: path, depth: depth + 1 }, seen)
  }
}

async function fileAt(root: string, path: string, entry: Dirent): Promise<Found[]> {
  if (!/\.gguf$/i.test(entry.name) || /mmproj/i.test(entry.name)) return []
  const real = entry.isSymbolicLink() ? await realpath(path).catch(() => undefined) : path
  if (real === undefined || !real.startsWith(root + sep)) return []
  const found = await stat(real).catch(() => undefined)
  if (!found?.isFile()) return []
  const stem = relative(root, path)
    .split(sep)
    .join('/')
    .replace(/\.gguf$/i, '')
  return modelName.safeParse(stem).success ? [{ stem, path: real, at: path, bytes: found.size }] : []
}

type Grouped = Omit<LibraryFile, 'root'>

/** A set of shards is one model, and none while a shard is missing. */
function grouped(files: readonly Found[]): Grouped[] {
  const single: Grouped[] = []
  const sets = new Map<string, { total: number; parts: Map<number, Found> }>()
  for (const file of files) {
    const [, name, index, total] = shard.exec(file.stem) ?? []
    if (name === undefined) single.push({ name: file.stem, path: file.path, parts: [file] })
    else {
      const key = `${name}\0${total}`
      const set = sets.get(key) ?? { total: Number(total), parts: new Map() }
      set.parts.set(Number(index), file)
      sets.set(key, set)
    }
  }
  return [...[...sets].flatMap(([key, set]) => wholeSet(key.split('\0')[0] ?? '', set)), ...single].map(plainParts)
}

function wholeSet(name: string, { total, parts }: { total: number; parts: Map<number, Found> }): Grouped[] {
  const ordered = Array.from({ length: total }, (_, index) => parts.get(index + 1))
  const [first] = ordered
  return first && ordered.every((one) => one !== undefined) ? [{ name, path: first.path, parts: ordered }] : []
}

const plainParts = (file: Grouped): Grouped => ({ ...file, parts: file.parts.map(({ path, at, bytes }) => ({ path, at, bytes })) })
