import { abortReason, ModelyardError } from '../../contract/index.ts'
import { withinTime } from '../../platform/within-time.ts'
import type { HeldFile, ListedModel } from '../provider.ts'
import { filesOf, scanModels } from './model-files.ts'

const listMs = 5000

/**
 * The files below LM Studio's models folder, each under the name that its API lists; a set of files that it does not
 * list, or when it does not run, under `publisher/repo/file`. It keeps no hashes that are documented.
 */
export async function heldFiles(
  modelsDir: string,
  list: (signal: AbortSignal) => Promise<readonly ListedModel[]>,
  { signal, name }: { signal: AbortSignal; name?: string | undefined },
): Promise<HeldFile[]> {
  const [listed, { sets }] = await Promise.all([
    withinTime({ signal, ms: listMs, late: () => new ModelyardError('timeout') }, list).catch(() => []),
    scanModels(modelsDir),
  ])
  if (signal.aborted) throw abortReason(signal)
  const names = new Map(listed.map((model) => [filesOf(model, sets), model.name]))
  const wanted = sets
    .map((set) => ({ set, called: names.get(set) ?? set.name }))
    .filter(({ called }) => name === undefined || called === name)
  return wanted.flatMap(({ set, called }) => set.held.map((one) => ({ name: called, ...one })))
}
