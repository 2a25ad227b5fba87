/**
 * The models in the library folder: every GGUF file a person puts there, shards as one, projectors left out. Nothing
 * outside the folder is ever listed, whatever links say.
 */
import { join, sep } from 'node:path'
import { modelName } from '../../contract/index.ts'
import type { WalkedFile } from '../../platform/folder-walk.ts'
import { inSlices } from '../../platform/slices.ts'
import { walkFolder } from '../../platform/walk-folder.ts'
import type { HeldFile } from '../provider.ts'
import type { LibraryFile } from './model-file.ts'

const maxDepth = 4
const shard = /^(.*)-(\d{5})-of-(\d{5})$/

/** In the order of their names, each name once: a whole file goes before shards of its name. The same array while nothing changes. */
export async function scanLibrary(library: string): Promise<readonly LibraryFile[]> {
  const { root, files } = await walkFolder(library, maxDepth)
  if (root === undefined) return []
  const known = scanned.get(files) ?? groupFiles(root, files)
  scanned.set(files, known)
  return known
}

const scanned = new WeakMap<readonly WalkedFile[], Promise<readonly LibraryFile[]>>()

/** The projectors of each folder, by its path below the library. */
export async function scanProjectors(library: string): Promise<ReadonlyMap<string, readonly Omit<HeldFile, 'name'>[]>> {
  const { root, files } = await walkFolder(library, maxDepth)
  const byFolder = new Map<string, Omit<HeldFile, 'name'>[]>()
  for (const { at, path, bytes } of files) {
    if (path === undefined || !path.startsWith(`${root}${sep}`) || !isProjector(at)) continue
    const folder = at.slice(0, Math.max(0, at.lastIndexOf('/')))
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), { path, bytes, role: 'projector' }])
  }
  return byFolder
}

const isProjector = (at: string): boolean => /mmproj/i.test(at.slice(at.lastIndexOf('/') + 1))

async function groupFiles(root: string, walked: readonly WalkedFile[]): Promise<readonly LibraryFile[]> {
  const pause = inSlices()
  const files: Found[] = []
  for (const one of walked) {
    files.push(...foundIn(root, one))
    await pause()
  }
  const byName = new Map<string, LibraryFile>()
  for (const one of await grouped(root, files)) {
    byName.set(one.name, one)
    await pause()
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

interface Found {
  /** Below the library, with forward slashes, without `.gguf`. */
  readonly stem: string
  readonly part: LibraryFile['parts'][number]
}

function foundIn(root: string, { at, path, bytes, ino, mtimeMs }: WalkedFile): Found[] {
  const stem = at.replace(/\.gguf$/i, '')
  if (path === undefined || !path.startsWith(root + sep) || isProjector(at)) return []
  if (!modelName.safeParse(stem).success) return []
  // Of ten thousand files two strings that say the same keep the garbage collector, and so everybody, waiting.
  const spelled = join(root, at)
  return [{ stem, part: { path, at: spelled === path ? path : spelled, bytes, ino, mtimeMs } }]
}

/** A set of shards is one model, and none while a shard is missing. */
async function grouped(root: string, files: readonly Found[]): Promise<LibraryFile[]> {
  const pause = inSlices()
  const single: LibraryFile[] = []
  const sets = new Map<string, { name: string; total: number; parts: Map<number, Found['part']> }>()
  for (const { stem, part } of files) {
    const [, name, index, total] = (stem.includes('-of-') && shard.exec(stem)) || []
    if (name === undefined) single.push({ name: stem, path: part.path, parts: [part], root })
    else {
      const set = sets.get(`${name}\0${total}`) ?? { name, total: Number(total), parts: new Map() }
      set.parts.set(Number(index), part)
      sets.set(`${name}\0${total}`, set)
    }
    await pause()
  }
  return [...[...sets.values()].flatMap((set) => wholeSet(root, set)), ...single]
}

function wholeSet(
  root: string,
  { name, total, parts }: { name: string; total: number; parts: ReadonlyMap<number, Found['part']> },
): LibraryFile[] {
  if (parts.size !== total) return []
  const ordered = Array.from({ length: total }, (_, index) => parts.get(index + 1))
  const [first] = ordered
  return first && ordered.every((one) => one !== undefined) ? [{ name, path: first.path, parts: ordered, root }] : []
}
