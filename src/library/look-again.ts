/** What the index says of a file, told only when it is still so. */
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { plainFile, sameFile } from '../platform/own-file.ts'
import { someAtOnce } from '../util/some-at-once.ts'
import type { Indexed } from './library-index.ts'
import type { LibraryEntry } from './library-store.ts'

const looksAtOnce = 8

export const entryOf = (library: string, { name, bytes, sha256, repo, file, commit, found }: Indexed): LibraryEntry => ({
  path: join(library, ...name.split('/')),
  name,
  bytes,
  sha256,
  repo,
  file,
  commit,
  putBy: repo === undefined || found ? 'other' : 'us',
})

/** Undefined when it is no longer so. */
export async function lookAgain(library: string, one: Indexed): Promise<LibraryEntry | undefined> {
  const entry = entryOf(library, one)
  const plain = await plainFile(library, entry.path)
  if (!('ino' in plain) || plain.path !== entry.path || plain.bytes !== one.bytes || plain.ino !== one.ino) return undefined
  const { mtimeMs, ...found } = await lstat(entry.path)
  return sameFile(found, plain) && mtimeMs === one.mtimeMs ? entry : undefined
}

export async function lookAtAll(library: string, entries: readonly Indexed[]): Promise<LibraryEntry[]> {
  const looked = await someAtOnce(entries, looksAtOnce, (one) => lookAgain(library, one).catch(() => undefined))
  return looked.filter((one) => one !== undefined)
}
