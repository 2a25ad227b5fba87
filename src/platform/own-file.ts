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
  /** Names it has on its volume. */
  readonly links: number
}

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
  return { path: file, bytes: found.size, dev: found.dev, ino: found.ino, links: found.nlink }
}

const real = (path: string): Promise<string | undefined> => realpath(path).catch(() => undefined)
