import { lstat, mkdir, realpath, rmdir } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { ModelyardError } from '../contract/index.ts'
import { syncFolder } from './atomic-file.ts'

export interface MadeFolder {
  /** Its real path. */
  readonly folder: string
  /** Takes away those that were made and are empty. */
  undo(): Promise<void>
}

/**
 * A folder below a root that exists, made where it is missing, one by one: each on the way is a true folder, none a
 * link, so that what is written into the last lies below the root.
 */
export async function makeFolderBelow(root: string, folder: string): Promise<MadeFolder> {
  const top = await realpath(root)
  const made: string[] = []
  const undo = async (): Promise<void> => {
    for (const one of [...made].reverse()) await rmdir(one).catch(() => undefined)
  }
  let at = top
  try {
    for (const name of segmentsBelow(root, folder)) {
      at = join(at, name)
      if (await mkdirNew(at)) {
        made.push(at)
        await syncFolder(dirname(at))
      }
      if (!(await lstat(at)).isDirectory()) throw notAFolder(at)
    }
  } catch (error) {
    await undo()
    throw error
  }
  return { folder: at, undo }
}

function segmentsBelow(root: string, folder: string): string[] {
  const path = relative(resolve(root), resolve(folder))
  if (path === '') return []
  if (isAbsolute(path) || path.split(sep)[0] === '..') throw new ModelyardError('unsafe_name', 'The name leads out of the folder.')
  return path.split(sep)
}

const mkdirNew = (path: string): Promise<boolean> =>
  mkdir(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )

const notAFolder = (path: string): ModelyardError =>
  new ModelyardError('conflict', `${basename(path)} is a link, or no folder, so nothing is put into it.`, { retryable: false })
