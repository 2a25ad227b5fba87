/** Hard links of a model's files as blobs of Ollama's store. */
import { link, realpath, stat } from 'node:fs/promises'
import { ModelyardError } from '../../contract/index.ts'
import type { ImportAddition, LocalFile } from '../provider.ts'
import { hasBlob } from './import-plan.ts'
import { label, type Ollama } from './ollama.ts'
import { blobPath, type Store } from './store.ts'
import { undoLink } from './undo-import.ts'

export interface LinkContext {
  readonly signal: AbortSignal
  readonly adding: (one: ImportAddition) => Promise<void>
  readonly notAdded: (one: ImportAddition) => Promise<void>
}

/**
 * Links what Ollama lacks. What cannot be linked after all is left for Ollama to copy: the volume may be another one
 * although it looks the same (a bind mount), and the kernel may refuse links to a file of somebody else. That Ollama sees
 * the new blob is the proof that the store is its own; if it does not, the link goes again, that store is not tried again, and
 * the answer is false.
 */
export async function linkInto(ollama: Ollama, store: Store, files: readonly LocalFile[], context: LinkContext): Promise<boolean> {
  for (const file of files) {
    const path = blobPath(store.blobs, file.sha256)
    if (await hasBlob(ollama, file.sha256, context.signal)) {
      await mustBeWhole(path, file)
      continue
    }
    // It lies there, and Ollama does not see it.
    if ((await sizeOf(path)) !== undefined) return disprove(ollama, store)
    const addition: ImportAddition = { kind: 'file', what: path }
    await context.adding(addition)
    context.signal.throwIfAborted()
    if (!(await isLinked(file, path))) {
      await context.notAdded(addition)
      return true
    }
    if (await hasBlob(ollama, file.sha256, context.signal)) continue
    await undoLink(path, context.signal)
    await context.notAdded(addition)
    return disprove(ollama, store)
  }
  return true
}

function disprove(ollama: Ollama, { root }: Store): false {
  ollama.disproved.add(root)
  return false
}

const sizeOf = (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ size }) => size,
    () => undefined,
  )

/** A link to the file itself, not to a symbolic link that leads to it. */
const isLinked = (file: LocalFile, path: string): Promise<boolean> =>
  realpath(file.path)
    .then((source) => link(source, path))
    .then(
      () => true,
      () => false,
    )

/** Ollama takes what lies there without looking at it. */
async function mustBeWhole(path: string, { bytes }: LocalFile): Promise<void> {
  const found = await sizeOf(path)
  if (found === undefined || found === bytes) return
  throw new ModelyardError('import_failed', `The store of ${label} has a damaged blob: expected ${bytes} bytes, found ${found}.`, {
    hint: 'Remove the models that use it with `ollama rm`, and try again.',
  })
}
