/**
 * Every GGUF file below a folder, looked at again quickly: a folder whose mtime is unchanged is not read again, and in
 * it only files that were written lately are looked at again. A full look sees every change. It blocks: for a thread.
 */
import { type Dirent, lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'

export interface WalkedFile {
  /** Below the folder, with `/`. */
  readonly at: string
  /** Its real path, which may be anywhere; absent for a link that leads nowhere. */
  readonly path?: string | undefined
  readonly bytes: number
  readonly ino: number
  readonly mtimeMs: number
}

export interface FolderWalk {
  /** The same array while nothing has changed. */
  look(how: { readonly full: boolean }): readonly WalkedFile[]
}

interface Seen {
  readonly ino: number
  readonly mtimeMs: number
  readonly readAt: number
  readonly folders: readonly string[]
  readonly files: readonly WalkedFile[]
}

const maxFiles = 20_000
const maxFolders = 20_000
/** What changed so shortly before it was looked at may have changed again without another mtime. */
const unsureMs = 2000
/** A file that was written so lately may still grow. */
const growingMs = 60_000

/** Nothing that is hidden, nothing in a linked folder. `depth`: of the folders that are entered. */
export function createFolderWalk(root: string, depth: number): FolderWalk {
  let seen = new Map<string, Seen>()
  let last: readonly WalkedFile[] = []
  return {
    look({ full }) {
      const now = new Map<string, Seen>()
      const files: WalkedFile[] = []
      const enter = (folder: string, level: number): void => {
        if (now.size >= maxFolders || files.length >= maxFiles) return
        const found = lookAt(root, folder, full ? undefined : seen.get(folder), seen.get(folder))
        if (!found) return
        now.set(folder, found)
        files.push(...found.files)
        if (level < depth) for (const name of found.folders) enter(below(folder, name), level + 1)
      }
      enter('', 0)
      seen = now
      const same = files.length === last.length && files.every((one, index) => one === last[index])
      if (!same) last = files.slice(0, maxFiles)
      return last
    },
  }
}

const below = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`)

/** `trusted`: what may be believed of it; `before`: what was the same keeps its identity. */
function lookAt(root: string, folder: string, trusted: Seen | undefined, before: Seen | undefined): Seen | undefined {
  const path = join(root, folder)
  const found = quietly(() => lstatSync(path))
  if (!found?.isDirectory() && folder !== '') return undefined
  const readAt = Date.now()
  const { ino, mtimeMs } = found ?? { ino: 0, mtimeMs: 0 }
  if (trusted?.ino === ino && trusted.mtimeMs === mtimeMs && mtimeMs < trusted.readAt - unsureMs) {
    const files = trusted.files.map((one) => (one.mtimeMs < readAt - growingMs ? one : again(one, fileAt(root, one.at))))
    return { ...trusted, files: files.every((one, index) => one === trusted.files[index]) ? trusted.files : files }
  }
  const entries = (quietly(() => readdirSync(path, { withFileTypes: true })) ?? []).filter(({ name }) => !name.startsWith('.'))
  const known = new Map(before?.files.map((one) => [one.at, one]))
  return {
    ino,
    mtimeMs,
    readAt,
    folders: names(entries, (one) => one.isDirectory()),
    files: names(entries, (one) => !one.isDirectory() && /\.gguf$/i.test(one.name)).flatMap((name) => {
      const at = below(folder, name)
      const file = fileAt(root, at)
      return file ? [again(known.get(at), file)] : []
    }),
  }
}

const names = (entries: readonly Dirent[], wanted: (one: Dirent) => boolean): string[] =>
  entries.flatMap((one) => (wanted(one) ? one.name : [])).sort()

const again = (before: WalkedFile | undefined, now: WalkedFile | undefined): WalkedFile => {
  const found = now ?? { at: before?.at ?? '', bytes: 0, ino: 0, mtimeMs: 0 }
  const same = before?.ino === found.ino && before.bytes === found.bytes && before.mtimeMs === found.mtimeMs && before.path === found.path
  return same ? before : found
}

/** Undefined for what is no file. */
function fileAt(root: string, at: string): WalkedFile | undefined {
  const path = join(root, at)
  const own = quietly(() => lstatSync(path))
  if (!own) return undefined
  if (!own.isSymbolicLink()) return own.isFile() ? told(at, path, own) : undefined
  const real = quietly(() => realpathSync(path))
  const found = real === undefined ? undefined : quietly(() => statSync(real))
  if (!found) return { at, bytes: 0, ino: own.ino, mtimeMs: own.mtimeMs }
  return found.isFile() ? told(at, real ?? path, found) : undefined
}

const told = (at: string, path: string, { size, ino, mtimeMs }: Stats): WalkedFile => ({ at, path, bytes: size, ino, mtimeMs })

/** What goes away meanwhile, or may not be read, is not there. */
function quietly<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
