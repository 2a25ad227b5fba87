/** May a file be removed? Only a plain file that truly lies below a folder, reached through no link. */
import type { Stats } from 'node:fs'
import { lstat, realpath } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'

export interface PlainFile {
  /** Its real path. */
  readonly path: string
  readonly bytes: number
  /** What tells this file from another that takes its name. */
  readonly dev: number
  readonly ino: number
  readonly mtimeMs: number
  /** Names it has on its volume. */
  readonly links: number
}

/** What tells a file from another of its path, also after a restart. Plain JSON. */
export interface FileIdentity {
  readonly bytes: number
  /** When it was last written. */
  readonly mtimeMs: number
  /** Where its volume keeps it for as long as the file lasts. */
  readonly ino?: number | undefined
}

/** FAT keeps times in steps of two seconds. */
const sameTimeMs = 2000

export const isFile = (found: Pick<PlainFile, 'bytes' | 'mtimeMs' | 'ino'>, { bytes, mtimeMs, ino }: FileIdentity): boolean =>
  found.bytes === bytes && Math.abs(found.mtimeMs - mtimeMs) <= sameTimeMs && (ino === undefined || found.ino === ino)

export const sameFile = (a: { dev: number; ino: number }, b: { dev: number; ino: number }): boolean => a.dev === b.dev && a.ino === b.ino

/** The file, or in words why it must stay. */
export async function plainFile(root: string, path: string): Promise<PlainFile | { readonly path: string; readonly why: string }> {
  const [top, folder] = await Promise.all([real(root), real(dirname(path))])
  if (top === undefined || folder === undefined) return { path, why: 'its folder is not there' }
  if (folder !== top && !folder.startsWith(top + sep)) return { path, why: 'it lies outside the folder of the models' }
  const spelled = join(top, path.slice(root.length))
  if (path.startsWith(root + sep) && dirname(spelled) !== folder) return { path, why: 'its folder is a link' }
  const file = join(folder, basename(path))
  const found: Stats | undefined = await lstat(file).catch(() => undefined)
  if (!found) return { path, why: 'it is not there' }
  if (found.isSymbolicLink()) return { path, why: 'it is a link' }
  if (!found.isFile()) return { path, why: 'it is no plain file' }
  return { path: file, bytes: found.size, dev: found.dev, ino: found.ino, mtimeMs: found.mtimeMs, links: found.nlink }
}

const real = (path: string): Promise<string | undefined> => realpath(path).catch(() => undefined)
