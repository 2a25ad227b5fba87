/** The files of the library as the embedded engine uses them. What their hashes are the library knows. */
import { dirname, relative, sep } from 'node:path'
import { abortReason } from '../../contract/index.ts'
import type { HeldFile } from '../provider.ts'
import { scanLibrary, scanProjectors } from './library.ts'
import type { LibraryFile } from './model-file.ts'

/** A projector goes with every model of its folder; in the library's own folder nobody can tell whose it is. */
export async function heldFiles(library: string, signal: AbortSignal, name?: string): Promise<HeldFile[]> {
  const found = (await scanLibrary(library)).filter((one) => name === undefined || one.name === name)
  const projectors = await scanProjectors(library)
  if (signal.aborted) throw abortReason(signal)
  return found.flatMap((one) => [
    ...one.parts.map(({ path, bytes }): HeldFile => ({ name: one.name, path, bytes, role: 'weights' })),
    ...(projectors.get(folderOf(one)) ?? []).map((file) => ({ name: one.name, ...file })),
  ])
}

const folderOf = ({ root, parts }: LibraryFile): string =>
  relative(root, dirname(parts[0]?.at ?? root))
    .split(sep)
    .join('/') || '.'
