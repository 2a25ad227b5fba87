import { dirname, resolve, sep } from 'node:path'
import { type PlainFile, plainFile } from '../platform/own-file.ts'
import { removeDraft } from '../platform/place-file.ts'
import { removeEmptyFolders, removeFiles } from '../platform/remove-files.ts'
import type { ImportAddition } from './provider.ts'

/** Removes the files that an import added below the root, and what it began of them; each that is gone already is done. */
export async function takeBack(root: string, added: readonly ImportAddition[]): Promise<void> {
  const byFolder = new Map<string, PlainFile[]>()
  for (const path of pathsOf(root, added)) {
    await removeDraft(path)
    const found = await plainFile(root, path)
    if ('ino' in found) byFolder.set(dirname(found.path), [...(byFolder.get(dirname(found.path)) ?? []), found])
    else await removeEmptyFolders(root, dirname(path))
  }
  for (const files of byFolder.values()) await removeFiles(root, files)
}

/** Those below the root; a path may be told from there. */
const pathsOf = (root: string, added: readonly ImportAddition[]): string[] =>
  added
    .filter(({ kind }) => kind === 'file')
    .flatMap(({ what }) => (resolve(root, what).startsWith(root + sep) ? [resolve(root, what)] : []))
