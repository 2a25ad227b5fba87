/**
 * Uninstalling from LM Studio by its files: it has no API for it. What it downloaded is somebody else's; what our
 * library holds as well was put there by us.
 */
import { ModelyardError } from '../../contract/index.ts'
import { finishRemovals } from '../../platform/remove-files.ts'
import type { ListedModel, Removing } from '../provider.ts'
import { planSet, removeSet, type SetRemoval } from '../remove-set.ts'
import { filesOf, scanModels } from './model-files.ts'

export interface StudioFolders {
  readonly modelsDir: () => Promise<string | undefined>
  /** Folder of GGUF files of our own. */
  readonly library: string | undefined
  readonly find: (name: string, signal: AbortSignal) => Promise<ListedModel>
}

export function createRemoving(folders: StudioFolders): Removing {
  const finish = async (): Promise<void> => {
    const folder = await folders.modelsDir()
    if (folder !== undefined) await finishRemovals(folder)
  }
  return {
    plan: async (name, signal) => (await planOf(folders, name, signal)).plan,
    async perform(name, { foreign }, signal) {
      await finish()
      const planned = await planOf(folders, name, signal)
      await removeSet(name, planned, foreign)
      return planned.plan
    },
    recover: finish,
  }
}

async function planOf({ modelsDir, library, find }: StudioFolders, name: string, signal: AbortSignal): Promise<SetRemoval> {
  const [model, folder] = await Promise.all([find(name, signal), modelsDir()])
  if (folder === undefined) throw unclear(name)
  const found = await scanModels(folder)
  const set = filesOf(model, found.sets)
  if (!set) throw unclear(name)
  return planSet(found, set, library)
}

const unclear = (name: string): ModelyardError =>
  new ModelyardError('unsupported_operation', `Which files below LM Studio's folder are ${name} is not certain, so none is removed.`, {
    hint: 'Remove it in LM Studio (My Models).',
  })
