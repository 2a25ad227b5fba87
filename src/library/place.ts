/**
 * Where a file of a repository goes: `<library>/<publisher>/<repo>/<file>`, by grammar first, then by what lies there.
 * Names that differ in case only are one name, as they are on most people's disks; a linked folder is never entered.
 */
import { lstat, mkdir, readdir, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hubPath, hubRepo, ModelyardError } from '../contract/index.ts'
import { syncFolder } from '../platform/atomic-file.ts'

/** Folders inside a repository; the embedded engine looks no deeper. */
const maxFolders = 2

/** `publisher/repo/file`, or `unsafe_name`. */
export function nameIn(repo: string, file: string): string {
  const segments = file.split('/')
  const safe = hubRepo.safeParse(repo).success && hubPath.safeParse(file).success
  if (!safe || segments.length > maxFolders + 1 || segments.some((one) => one.startsWith('.')) || !/\.gguf$/i.test(file))
    throw new ModelyardError('unsafe_name', 'The name of the repository or of the file cannot be a name in the library.')
  return `${repo}/${file}`
}

/** The name as it is spelled on the disk already, where it is. Changes nothing. */
export async function spelledName(library: string, name: string): Promise<string> {
  const spelled: string[] = []
  for (const segment of name.split('/')) spelled.push(await spelledIn(join(library, ...spelled), segment))
  return spelled.join('/')
}

/** Makes the folders of the file and answers those that were not there; throws where one of them is a link or no folder. */
export async function makeFolders(library: string, name: string): Promise<readonly string[]> {
  const made: string[] = []
  let folder = library
  for (const segment of dirname(name).split('/')) {
    const parent = folder
    folder = join(parent, segment)
    if (await makeFolder(folder)) {
      await syncFolder(parent)
      made.push(folder)
    } else if (!(await lstat(folder)).isDirectory()) {
      throw new ModelyardError('conflict', `In the library ${segment} is a link or a file where a folder is needed.`)
    }
  }
  return made
}

/** Those of them that nothing came into. */
export async function removeEmpty(folders: readonly string[]): Promise<void> {
  for (const folder of folders.toReversed()) await rmdir(folder).catch(() => undefined)
}

const makeFolder = (folder: string): Promise<boolean> =>
  mkdir(folder).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )

async function spelledIn(folder: string, segment: string): Promise<string> {
  const names = await readdir(folder).catch((): string[] => [])
  return names.includes(segment) ? segment : (names.find((one) => folded(one) === folded(segment)) ?? segment)
}

/** What two names have in common that differ in case, or in how their accents are written. */
export const folded = (name: string): string => name.normalize('NFC').toLowerCase()
