/** Removing one set of files from an engine's folder: what goes, what is somebody else's, and doing it. */
import { realpathSync } from 'node:fs'
import { ModelyardError } from '../contract/index.ts'
import type { PlainFile } from '../platform/own-file.ts'
import { removeFiles } from '../platform/remove-files.ts'
import { foreignAmong } from './foreign-files.ts'
import { planFiles } from './plan-files.ts'
import type { RemovalPlan } from './provider.ts'

/** As the folder of an engine holds a model. */
interface ModelSet {
  readonly name: string
  readonly weights: readonly string[]
  readonly projectors: readonly string[]
}

export interface SetRemoval {
  readonly root: string
  readonly files: readonly PlainFile[]
  readonly plan: RemovalPlan
}

/** `sets`: all that the folder holds, `set` among them. */
export async function planSet<Set extends ModelSet>(
  { root, sets }: { readonly root: string; readonly sets: readonly Set[] },
  set: Set,
  library: string | undefined,
): Promise<SetRemoval> {
  const others = sets.flatMap((one) => (one === set ? [] : one.weights.map((path) => ({ name: one.name, path: realOf(path) }))))
  const { files, ...plan } = await planFiles({ root, weights: set.weights, projectors: set.projectors, others })
  return { root, files, plan: { ...plan, foreign: await foreignAmong(files, library) } }
}

/** Throws `foreign_files` for what somebody else put there, unless it may go. */
export async function removeSet(name: string, { root, files, plan }: SetRemoval, foreign: boolean): Promise<void> {
  if (plan.foreign.length > 0 && !foreign)
    throw new ModelyardError('foreign_files', `Somebody else put the files of ${name} there.`, { details: { paths: [...plan.foreign] } })
  await removeFiles(root, files)
}

/** Where a link of another model leads: what is used there must stay. */
export function realOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
