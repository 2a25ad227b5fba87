/** Takes back what an import, or LM Studio's own download, added, and nothing else. */
import { ModelyardError } from '../../contract/index.ts'
import { withinTime } from '../../platform/within-time.ts'
import { untilSeen } from '../openai-chat/index.ts'
import type { ImportAddition, ListedModel } from '../provider.ts'
import { takeBack } from '../take-back.ts'
import { removeHalves } from './import-by-lms.ts'
import { type ImportPlace, listNow, noFolder, unlessAborted } from './import-place.ts'
import { listedAs, scanModels } from './model-files.ts'

export async function undoImport(place: ImportPlace, added: readonly ImportAddition[], signal: AbortSignal): Promise<void> {
  for (const { kind, what } of added) if (kind === 'model') await undoModel(place, what, signal)
  const files = added.filter(({ kind }) => kind === 'file')
  if (files.length > 0) await undoFiles(place, files, signal)
}

/** What LM Studio downloaded itself goes by its files, where it is certain which these are. */
async function undoModel(place: ImportPlace, name: string, signal: AbortSignal): Promise<void> {
  const there = (await listNow(place, signal)).filter((one) => one.name === name)
  if (there.length === 0) return
  await place.remove(name, signal)
  await untilGone(place, there, signal)
}

async function undoFiles(place: ImportPlace, files: readonly ImportAddition[], signal: AbortSignal): Promise<void> {
  const { modelsDir } = await place.look()
  if (modelsDir === undefined) throw noFolder()
  const listed = await listNow(place, signal).catch(unlessAborted(signal))
  const { root, sets } = await scanModels(modelsDir)
  await removeHalves(root, files)
  const removed = await takeBack(root, files)
  const mine = sets.filter(({ weights }) => weights.some((path) => removed.includes(path)))
  const gone = (listed ?? []).filter((model) => mine.some((set) => listedAs({ name: set.name, before: new Set() }, [model], sets)))
  await untilGone(place, gone, signal)
}

/** LM Studio reads its folder by itself: that it lists for a while what is no more is no failure. */
async function untilGone(place: ImportPlace, gone: readonly ListedModel[], signal: AbortSignal): Promise<void> {
  const late = () => new ModelyardError('timeout')
  const look = async (bounded: AbortSignal): Promise<true | undefined> => {
    const now = await place.list(bounded).catch(unlessAborted(bounded))
    return now?.some((one) => gone.some(({ name, sizeBytes }) => name === one.name && sizeBytes === one.sizeBytes)) ? undefined : true
  }
  try {
    await withinTime({ signal, ms: place.limits.goneMs, late }, (bounded) => untilSeen(() => look(bounded), bounded))
  } catch (error) {
    unlessAborted(signal)(error)
    place.log(`The files of ${gone.map(({ name }) => name).join(', ')} are gone; LM Studio still lists it.`)
  }
}
