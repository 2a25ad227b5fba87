/** The embedded engine reads the library: what lies there is imported, and what does not is put there first. */
import { realpath } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import { abortReason, ModelyardError } from '../../contract/index.ts'
import { wayOf } from '../../platform/place-file.ts'
import { filesToImport, stemOf } from '../import-names.ts'
import type { ImportDecision, ImportFile, Importing, ImportModel } from '../provider.ts'
import { scanLibrary } from './library.ts'

/**
 * Nothing is ever added to the engine, so that nothing is to be taken back: the files are the library's, and are put
 * there as `repo/file` between `plan` and `perform` where they lie elsewhere.
 */
export function createImporting(library: string): Importing {
  return {
    async plan(model) {
      filesToImport(model)
      const files = [...model.weights, ...(model.projector ? [model.projector] : [])]
      const outside: ImportFile[] = []
      for (const file of files) if (!(await isInside(library, file))) outside.push(file)
      if (outside.length > 0) return planBringing(library, model, outside)
      const [first] = model.weights
      const name = first?.path === undefined ? nameToBe(model) : await nameIn(library, first.path)
      return { strategy: 'library', reason: 'The embedded engine reads the library itself.', name, extraBytes: 0 }
    },
    async perform({ repo, weights }, _, { signal }) {
      const name = await nameOf(library, weights[0]?.path ?? '')
      if (signal.aborted) throw abortReason(signal)
      if (name === undefined)
        throw new ModelyardError('import_failed', `The library does not list ${repo}.`, { hint: 'A shard of it may be missing.' })
      return { name, added: [], holds: [] }
    },
    undo: async () => undefined,
  }
}

/** What it costs to put these files into the library. */
async function planBringing(library: string, model: ImportModel<ImportFile>, outside: readonly ImportFile[]): Promise<ImportDecision> {
  let extraBytes = 0
  for (const { path, bytes } of outside) {
    const way = await wayOf({ from: path ?? library, folder: library })
    if (way === undefined) throw unwritable()
    if (way === 'copy') extraBytes += bytes
  }
  const how = extraBytes > 0 ? 'copied into it first: links between the two are not possible' : 'linked into it first'
  const reason = `The embedded engine reads the library itself; the files lie elsewhere and are ${how}.`
  return { strategy: 'library', reason, name: nameToBe(model), extraBytes, ...(extraBytes > 0 && { volume: library }) }
}

/** A file that is still to come will be put there. */
async function isInside(library: string, { path }: ImportFile): Promise<boolean> {
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

const nameToBe = ({ repo, weights }: ImportModel<ImportFile>): string => `${repo}/${stemOf(weights[0]?.name ?? '')}`

const unwritable = (): ModelyardError =>
  new ModelyardError('unsupported_operation', 'The library cannot be written, and the embedded engine reads nothing else.', {
    hint: 'Look at who owns its folder.',
  })
