/** Uninstalling from a router by the files of its folder; models of its cache or of a preset are left to it. */
import { ModelyardError } from '../../contract/index.ts'
import { finishRemovals } from '../../platform/remove-files.ts'
import type { Removing } from '../provider.ts'
import { planSet, realOf, removeSet, type SetRemoval } from '../remove-set.ts'
import { findModel } from './find-model.ts'
import { scanRouterFolder } from './model-files.ts'
import { readAgain, routerFolder } from './router-folder.ts'
import type { Server } from './server.ts'

export function createRemoving(server: Server, modelsDir: string, library: string | undefined): Removing {
  return {
    plan: async (name, signal) => (await planOf(server, library, { name, signal })).plan,
    async perform(name, { foreign }, signal) {
      await finishRemovals(modelsDir)
      const planned = await planOf(server, library, { name, signal })
      await removeSet(name, planned, foreign)
      await readAgain(server, signal)
      return planned.plan
    },
    recover: () => finishRemovals(modelsDir),
  }
}

async function planOf(
  server: Server,
  library: string | undefined,
  { name, signal }: { name: string; signal: AbortSignal },
): Promise<SetRemoval> {
  const { id, path } = await findModel(server, name, signal)
  const folder = await scanRouterFolder(await routerFolder(server, signal))
  const set = folder.sets.find((one) => one.name === id)
  const first = set?.weights[0]
  if (!set?.certain || first === undefined || (path !== undefined && realOf(path) !== realOf(first))) throw unclear(name)
  return planSet(folder, set, library)
}

const unclear = (name: string): ModelyardError =>
  new ModelyardError('unsupported_operation', `Which files in the router's folder are ${name} is not certain, so none is removed.`, {
    hint: 'Remove it where it lies: in a folder with other models, in the cache of llama.cpp, or where a preset names it.',
  })
