/** Whose files are these? A file that our library holds as well was put there by us, or is at least not lost with it. */
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type PlainFile, sameFile } from '../platform/own-file.ts'
import { alikeBytes } from '../platform/same-bytes.ts'
import { stemOf } from './import-names.ts'

interface Ours {
  readonly path: string
  readonly bytes: number
  readonly dev: number
  readonly ino: number
}

/** Those that are not, by their name, another link of a file in the library or, by size and samples of its bytes, its clone or copy. */
export async function foreignAmong(files: readonly PlainFile[], library: string | undefined): Promise<string[]> {
  const ours = library === undefined ? [] : await filesBelow(library, 0)
  const foreign = await Promise.all(files.map(async (file) => ((await isOurs(file, ours)) ? [] : [file.path])))
  return foreign.flat()
}

async function isOurs(file: PlainFile, ours: readonly Ours[]): Promise<boolean> {
  const alike = ours.filter(({ path, bytes }) => bytes === file.bytes && givenName(path) === givenName(file.path))
  if (alike.some((one) => sameFile(one, file))) return true
  for (const { path } of alike) if (await alikeBytes(path, file.path).catch(() => false)) return true
  return false
}

/** What is left of a name where an import adapts it to what an engine wants. A link of another name is not one that we made. */
const givenName = (path: string): string => stemOf(basename(path)).replace(/^mmproj-/, '')

const maxDepth = 5

async function filesBelow(folder: string, depth: number): Promise<Ours[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return depth < maxDepth ? filesBelow(path, depth + 1) : []
      const seen = entry.isFile() ? await stat(path).catch(() => undefined) : undefined
      return seen ? [{ path, bytes: seen.size, dev: seen.dev, ino: seen.ino }] : []
    }),
  )
  return found.flat()
}
