/** Uninstalling a model of the library: its own plain files, and nothing that another model uses. */
import { readdir } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { ModelyardError } from '../../contract/index.ts'
import { finishRemovals, removeFiles } from '../../platform/remove-files.ts'
import { type FilesPlan, planFiles } from '../plan-files.ts'
import type { RemovalPlan, Removing } from '../provider.ts'
import { scanLibrary } from './library.ts'
import type { LibraryFile } from './model-file.ts'

/** What lies in the library is ours to remove: nobody else keeps a list of it. */
export function createRemoving(library: string): Removing {
  const plan = async (name: string): Promise<FilesPlan> => {
    const all = await scanLibrary(library)
    const model = all.find((one) => one.name === name)
    if (!model) throw new ModelyardError('model_not_found', `There is no model "${name}" in the library.`)
    return await planFiles({
      root: model.root,
      weights: model.parts.map((one) => one.at),
      projectors: await projectorsOf(model),
      others: all.flatMap((one) => (one === model ? [] : one.parts.map(({ path }) => ({ name: one.name, path })))),
    })
  }
  return {
    plan: async (name) => told(await plan(name)),
    async perform(name) {
      await finishRemovals(library)
      const planned = await plan(name)
      await removeFiles(library, planned.files)
      return told(planned)
    },
    recover: () => finishRemovals(library),
  }
}

const told = ({ files: _, ...plan }: FilesPlan): RemovalPlan => ({ ...plan, foreign: [] })

/** In a folder of its own a model has its projector to itself; in the library's own folder nobody can tell whose it is. */
async function projectorsOf({ root, parts }: LibraryFile): Promise<string[]> {
  const folder = dirname(parts[0]?.at ?? root)
  if (relative(root, folder) === '' || !folder.startsWith(root + sep)) return []
  const names = await readdir(folder).catch(() => [])
  return names.filter((name) => /\.gguf$/i.test(name) && /mmproj/i.test(name)).map((name) => join(folder, name))
}
