import { realpath, stat } from 'node:fs/promises'
import { abortReason } from '../../contract/index.ts'
import type { HeldFile, ListedModel } from '../provider.ts'
import { filesOf, scanModels } from './model-files.ts'

/**
 * The files below LM Studio's models folder, each under the name that its API lists; a set of files that it does not
 * list, or when it does not run, under `publisher/repo/file`. It keeps no hashes that are documented.
 */
export async function heldFiles(
  modelsDir: string,
  list: (signal: AbortSignal) => Promise<readonly ListedModel[]>,
  { signal, name }: { signal: AbortSignal; name?: string | undefined },
): Promise<HeldFile[]> {
  const [listed, { sets }] = await Promise.all([list(signal).catch(() => []), scanModels(modelsDir)])
  if (signal.aborted) throw abortReason(signal)
  const names = new Map(listed.map((model) => [filesOf(model, sets), model.name]))
  const wanted = sets
    .map((set) => ({ set, called: names.get(set) ?? set.name }))
    .filter(({ called }) => name === undefined || called === name)
  const held = wanted.flatMap(({ set, called }) => [
    ...set.weights.map((path) => heldFile(called, path, 'weights')),
    ...set.projectors.map((path) => heldFile(called, path, 'projector')),
  ])
  return (await Promise.all(held)).flat()
}

async function heldFile(name: string, at: string, role: HeldFile['role']): Promise<HeldFile[]> {
  const path = await realpath(at).catch(() => undefined)
  const found = path === undefined ? undefined : await stat(path).catch(() => undefined)
  return path !== undefined && found?.isFile() ? [{ name, path, bytes: found.size, role }] : []
}
