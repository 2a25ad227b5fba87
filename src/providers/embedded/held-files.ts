/** The files of the library as the embedded engine uses them. What their hashes are the library knows. */
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { abortReason } from '../../contract/index.ts'
import type { HeldFile } from '../provider.ts'
import { scanLibrary } from './library.ts'
import type { LibraryFile } from './model-file.ts'
import { projectorsOf } from './remove-model.ts'

export async function heldFiles(library: string, signal: AbortSignal, name?: string): Promise<HeldFile[]> {
  const found = (await scanLibrary(library)).filter((one) => name === undefined || one.name === name)
  const projectors = new Map<string, Promise<readonly Omit<HeldFile, 'name'>[]>>()
  const held: HeldFile[] = []
  for (const one of found) {
    if (signal.aborted) throw abortReason(signal)
    const folder = dirname(one.parts[0]?.at ?? '')
    const beside = projectors.get(folder) ?? projectorsBeside(one)
    projectors.set(folder, beside)
    held.push(...one.parts.map(({ path, bytes }): HeldFile => ({ name: one.name, path, bytes, role: 'weights' })))
    held.push(...(await beside).map((file) => ({ name: one.name, ...file })))
  }
  return held
}

async function projectorsBeside(one: LibraryFile): Promise<Omit<HeldFile, 'name'>[]> {
  const paths = await projectorsOf(one)
  const found = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)))
  return paths.flatMap((path, index) => {
    const file = found[index]
    return file?.isFile() ? [{ path, bytes: file.size, role: 'projector' as const }] : []
  })
}
