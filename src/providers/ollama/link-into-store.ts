/** Hard links of a model's files as blobs of Ollama's store. */
import { link, lstat, realpath } from 'node:fs/promises'
import { ModelyardError } from '../../contract/index.ts'
import type { ImportAddition, LocalFile } from '../provider.ts'
import { hasBlob } from './import-plan.ts'
import { label, type Ollama } from './ollama.ts'
import { blobPath, type Store } from './store.ts'
import { undoLink } from './undo-import.ts'

/**
 * Links what Ollama lacks. What cannot be linked after all is left for Ollama to copy: the volume may be another one
 * although it looks the same (a bind mount), and the kernel may refuse links to a file of somebody else. That Ollama sees
 * the new blob is the proof that the store is its own; if it does not, the link goes again, and that store is not tried again.
 */
export async function linkInto(
  ollama: Ollama,
  store: Store,
  files: readonly LocalFile[],
  context: { readonly signal: AbortSignal; readonly adding: (one: ImportAddition) => Promise<void> },
): Promise<void> {
  for (const file of files) {
    const path = blobPath(store.blobs, file.sha256)
    if (await hasBlob(ollama, file.sha256, context.signal)) {
      await mustBeWhole(path, file)
      continue
    }
    await context.adding({ kind: 'file', what: path })
    context.signal.throwIfAborted()
    if (!(await isLinked(file, path))) return
    if (await hasBlob(ollama, file.sha256, context.signal)) continue
    ollama.disproved.add(store.root)
    await undoLink(path, context.signal)
    return
  }
}

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
  const there = await lstat(path).catch(() => undefined)
  if (there === undefined || there.size === bytes) return
  throw new ModelyardError('import_failed', `The store of ${label} has a damaged blob: expected ${bytes} bytes, found ${there.size}.`, {
    hint: 'Remove the models that use it with `ollama rm`, and try again.',
  })
}
