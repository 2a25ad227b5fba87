/** Uninstalling a model of the library: its own plain files, and nothing that another model uses. */
import { readdir } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { ModelyardError } from '../../contract/index.ts'
import { finishRemovals } from '../../platform/remove-files.ts'
import { planFiles } from '../plan-files.ts'
import type { Removing } from '../provider.ts'
import { removeSet, type SetRemoval } from '../remove-set.ts'
import { scanLibrary } from './library.ts'
import type { LibraryFile } from './model-file.ts'

/** `isOurs`: did the library put the file with this real path there? What a person put there is that person's. */
export function createRemoving(library: string, isOurs: (path: string) => Promise<boolean>): Removing {
  const planOf = async (name: string): Promise<SetRemoval> => {
    const all = await scanLibrary(library)
    const model = all.find((one) => one.name === name)
    if (!model) throw new ModelyardError('model_not_found', `There is no model "${name}" in the library.`)
    const { files, ...plan } = await planFiles({
      root: model.root,
      weights: model.parts.map((one) => one.at),
      projectors: await projectorsOf(model),
      others: all.flatMap((one) => (one === model ? [] : one.parts.map(({ path }) => ({ name: one.name, path })))),
    })
    const foreign = await Promise.all(files.map(async ({ path }) => ((await isOurs(path)) ? [] : [path])))
    return { root: model.root, files, plan: { ...plan, foreign: foreign.flat() } }
  }
  return {
    plan: async (name) => (await planOf(name)).plan,
    async perform(name, { foreign }) {
      await finishRemovals(library)
      const planned = await planOf(name)
      await removeSet(name, planned, foreign)
      return planned.plan
    },
    recover: () => finishRemovals(library),
  }
}

/** In a folder of its own a model has its projector to itself; in the library's own folder nobody can tell whose it is. */
async function projectorsOf({ root, parts }: LibraryFile): Promise<string[]> {
  const folder = dirname(parts[0]?.at ?? root)
  if (relative(root, folder) === '' || !folder.startsWith(root + sep)) return []
  const names = await readdir(folder).catch(() => [])
  return names.filter((name) => /\.gguf$/i.test(name) && /mmproj/i.test(name)).map((name) => join(folder, name))
}
