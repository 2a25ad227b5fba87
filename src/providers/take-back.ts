import { dirname, resolve, sep } from 'node:path'
import { ModelyardError } from '../contract/index.ts'
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

/** The error that ended an import, once what it had added is gone; with a word more where that could not be removed. */
export async function afterTakingBack(error: unknown, root: string, added: readonly ImportAddition[]): Promise<unknown> {
  try {
    await takeBack(root, added)
    return error
  } catch (refusal) {
    const { code, message, hint } = ModelyardError.from(error)
    const left = `${message} What had been put there could not be removed: ${ModelyardError.from(refusal).message}`
    return new ModelyardError(code, left, { hint, cause: error })
  }
}

/** Those below the root, each once: after a crash one is told again. A path may be told from the root. */
function pathsOf(root: string, added: readonly ImportAddition[]): Set<string> {
  const paths = added.filter(({ kind }) => kind === 'file').map(({ what }) => resolve(root, what))
  return new Set(paths.filter((path) => path.startsWith(root + sep)))
}
