/**
 * Where a file of a repository goes: `<library>/<publisher>/<repo>/<file>`, by grammar first, then by what lies there.
 * Names that differ in case only are one name, as they are on most people's disks.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { hubPath, hubRepo, ModelyardError } from '../contract/index.ts'

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

async function spelledIn(folder: string, segment: string): Promise<string> {
  const names = await readdir(folder).catch((): string[] => [])
  return names.includes(segment) ? segment : (names.find((one) => folded(one) === folded(segment)) ?? segment)
}

/** What two names have in common that differ in case, or in how their accents are written. */
export const folded = (name: string): string => name.normalize('NFC').toLowerCase()
