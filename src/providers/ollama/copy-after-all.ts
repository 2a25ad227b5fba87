/** A link was planned, for no bytes, and could not be made: Ollama copies, if there is room for it. */
import { ModelyardError } from '../../contract/index.ts'
import { freeOf } from '../../platform/hardware.ts'
import type { ImportContext, ImportModel } from '../provider.ts'
import { missingBytes } from './import-plan.ts'
import { label, type Ollama } from './ollama.ts'

export interface CopyAfterAll {
  readonly model: ImportModel
  /** Of the volume that it is copied to, where that is known. */
  readonly folder: string | undefined
  readonly onNote: ImportContext['onNote']
}

/** Says so; throws `disk_full` before a byte is written. */
export async function copyAfterAll(ollama: Ollama, { model, folder, onNote }: CopyAfterAll, signal: AbortSignal): Promise<void> {
  const bytes = await missingBytes(ollama, model, signal)
  if (bytes === 0) return
  const free = folder === undefined ? undefined : await freeOf(folder)
  const said = `The link into the store of ${label} was refused after all, so it makes a copy of ${megabytes(bytes)}.`
  if (free !== undefined && bytes > free)
    throw new ModelyardError('disk_full', `${said} On the volume of ${folder} ${megabytes(free)} are free.`, {
      details: { volumes: [{ path: folder, neededBytes: bytes, freeBytes: free }] },
    })
  onNote?.(said)
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
