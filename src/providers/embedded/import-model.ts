/** The embedded engine reads the library: what lies there is imported, and costs nothing. */
import { realpath } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import { abortReason, ModelyardError } from '../../contract/index.ts'
import { filesToImport, stemOf } from '../import-names.ts'
import type { ImportFile, Importing } from '../provider.ts'
import { scanLibrary } from './library.ts'

/** Nothing is ever added to the engine, so that nothing is to be taken back: the files are the library's. */
export function createImporting(library: string): Importing {
  return {
    async plan(model) {
      filesToImport(model)
      const [first] = model.weights
      const inside = await Promise.all(
        [...model.weights, ...(model.projector ? [model.projector] : [])].map((file) => insideOf(library, file)),
      )
      if (first === undefined || inside.includes(false)) throw outside()
      const name = first.path === undefined ? `${model.repo}/${stemOf(first.name)}` : await nameIn(library, first.path)
      return { strategy: 'library', reason: 'The embedded engine reads the library itself.', name, extraBytes: 0 }
    },
    async perform({ repo, weights }, _, { signal }) {
      const name = await nameOf(library, weights[0]?.path ?? '')
      if (signal.aborted) throw abortReason(signal)
      if (name === undefined)
        throw new ModelyardError('import_failed', `The library does not list ${repo}.`, { hint: 'A shard of it may be missing.' })
      return { name, added: [] }
    },
    undo: async () => undefined,
  }
}

/** A file that is still to come will be put there. */
async function insideOf(library: string, { path }: ImportFile): Promise<boolean> {
  if (path === undefined) return true
  const [root, real] = await Promise.all([library, path].map((one) => realpath(one).catch(() => undefined)))
  return root !== undefined && real?.startsWith(root + sep) === true
}

/** As the library lists the model that begins with this file. */
async function nameOf(library: string, path: string): Promise<string | undefined> {
  const real = await realpath(path).catch(() => undefined)
  return (await scanLibrary(library)).find((one) => one.path === real)?.name
}

async function nameIn(library: string, path: string): Promise<string> {
  const [root, real] = await Promise.all([realpath(library), realpath(path)])
  return stemOf(relative(root, real).split(sep).join('/'))
}

const outside = (): ModelyardError =>
  new ModelyardError('unsupported_operation', 'The embedded engine reads models of the library only.', {
    hint: 'Put the files into the library first.',
  })
