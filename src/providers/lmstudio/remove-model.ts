/**
 * Uninstalling from LM Studio by its files: it has no API for it. What it downloaded is somebody else's; what our
 * library holds as well was put there by us.
 */
import { realpathSync } from 'node:fs'
import { ModelyardError } from '../../contract/index.ts'
import type { PlainFile } from '../../platform/own-file.ts'
import { finishRemovals, removeFiles } from '../../platform/remove-files.ts'
import { foreignAmong } from '../foreign-files.ts'
import { planFiles } from '../plan-files.ts'
import type { ListedModel, RemovalPlan, Removing } from '../provider.ts'
import { filesOf, scanModels } from './model-files.ts'

export interface StudioFolders {
  readonly modelsDir: () => Promise<string | undefined>
  /** Folder of GGUF files of our own. */
  readonly library: string | undefined
  readonly find: (name: string, signal: AbortSignal) => Promise<ListedModel>
}

interface Planned {
  readonly plan: RemovalPlan
  readonly files: readonly PlainFile[]
  readonly root: string
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
      const { plan, files, root } = await planOf(folders, name, signal)
      if (plan.foreign.length > 0 && !foreign)
        throw new ModelyardError('foreign_files', `Somebody else put the files of ${name} there.`, {
          details: { paths: [...plan.foreign] },
        })
      await removeFiles(root, files)
      return plan
    },
    recover: finish,
  }
}

async function planOf({ modelsDir, library, find }: StudioFolders, name: string, signal: AbortSignal): Promise<Planned> {
  const [model, folder] = await Promise.all([find(name, signal), modelsDir()])
  if (folder === undefined) throw unclear(name)
  const { root, sets } = await scanModels(folder)
  const set = filesOf(model, sets)
  if (!set) throw unclear(name)
  const others = sets.flatMap((one) => (one === set ? [] : one.weights.map((path) => ({ name: one.name, path: realOf(path) }))))
  const { files, ...plan } = await planFiles({ root, weights: set.weights, projectors: set.projectors, others })
  const foreign = await foreignAmong(files, library)
  return { root, files, plan: { ...plan, foreign } }
}

/** Where a link of another model leads: what is used there must stay. */
function realOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

const unclear = (name: string): ModelyardError =>
  new ModelyardError('unsupported_operation', `Which files below LM Studio's folder are ${name} is not certain, so none is removed.`, {
    hint: 'Remove it in LM Studio (My Models).',
  })
