/** Uninstalling from a router by the files of its folder; models of its cache or of a preset are left to it. */
import { realpathSync } from 'node:fs'
import { ModelyardError } from '../../contract/index.ts'
import type { PlainFile } from '../../platform/own-file.ts'
import { finishRemovals, removeFiles } from '../../platform/remove-files.ts'
import { foreignAmong } from '../foreign-files.ts'
import { planFiles } from '../plan-files.ts'
import type { RemovalPlan, Removing } from '../provider.ts'
import { findModel } from './find-model.ts'
import { scanRouterFolder } from './model-files.ts'
import { readAgain, routerFolder } from './router-folder.ts'
import type { Server } from './server.ts'

interface Planned {
  readonly plan: RemovalPlan
  readonly files: readonly PlainFile[]
  readonly root: string
}

export function createRemoving(server: Server, modelsDir: string, library: string | undefined): Removing {
  return {
    plan: async (name, signal) => (await planOf(server, library, { name, signal })).plan,
    async perform(name, { foreign }, signal) {
      await finishRemovals(modelsDir)
      const { plan, files, root } = await planOf(server, library, { name, signal })
      if (plan.foreign.length > 0 && !foreign)
        throw new ModelyardError('foreign_files', `Somebody else put the files of ${name} there.`, {
          details: { paths: [...plan.foreign] },
        })
      await removeFiles(root, files)
      await readAgain(server, signal)
      return plan
    },
    recover: () => finishRemovals(modelsDir),
  }
}

async function planOf(
  server: Server,
  library: string | undefined,
  { name, signal }: { name: string; signal: AbortSignal },
): Promise<Planned> {
  const { id, path } = await findModel(server, name, signal)
  const { root, sets } = await scanRouterFolder(await routerFolder(server, signal))
  const set = sets.find((one) => one.name === id)
  const first = set?.weights[0]
  if (!set?.certain || first === undefined || (path !== undefined && realOf(path) !== realOf(first))) throw unclear(name)
  const others = sets.flatMap((one) => (one === set ? [] : one.weights.map((other) => ({ name: one.name, path: realOf(other) }))))
  const { files, ...plan } = await planFiles({ root, weights: set.weights, projectors: set.projectors, others })
  return { root, files, plan: { ...plan, foreign: await foreignAmong(files, library) } }
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
  new ModelyardError('unsupported_operation', `Which files in the router's folder are ${name} is not certain, so none is removed.`, {
    hint: 'Remove it where it lies: in a folder with other models, in the cache of llama.cpp, or where a preset names it.',
  })
