import { dirname, resolve, sep } from 'node:path'
import { ModelyardError } from '../contract/index.ts'
import { isFile, type PlainFile, plainFile } from '../platform/own-file.ts'
import { removeDraft } from '../platform/place-file.ts'
import { removeEmptyFolders, removeFiles } from '../platform/remove-files.ts'
import type { ImportAddition } from './provider.ts'

/**
 * Removes the files that an import added below the root, and what it began of them; each that is gone already is done,
 * and another that has taken its path is left alone. Answers with the paths of those that were removed.
 */
export async function takeBack(root: string, added: readonly ImportAddition[]): Promise<string[]> {
  const byFolder = new Map<string, PlainFile[]>()
  for (const [path, addition] of filesOf(root, added)) {
    await removeDraft(path)
    const found = await ownFile(root, path, addition)
    if (found) byFolder.set(dirname(found.path), [...(byFolder.get(dirname(found.path)) ?? []), found])
    else await removeEmptyFolders(root, dirname(path))
  }
  for (const files of byFolder.values()) await removeFiles(root, files)
  return [...byFolder.values()].flat().map(({ path }) => path)
}

/** The very file that was added; undefined: it is not there, or it is another's. */
export async function ownFile(root: string, path: string, { file }: ImportAddition): Promise<PlainFile | undefined> {
  const found = await plainFile(root, path)
  return 'ino' in found && file !== undefined && isFile(found, file) ? found : undefined
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

/** Those below the root, as they were told last. A path may be told from the root. */
export function filesOf(root: string, added: readonly ImportAddition[]): Map<string, ImportAddition> {
  const files = added.filter(({ kind }) => kind === 'file').map((one) => [resolve(root, one.what), one] as const)
  return new Map(files.filter(([path]) => path.startsWith(root + sep)))
}
