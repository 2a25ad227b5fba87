import { join } from 'node:path'
import { ModelyardError } from '../../contract/index.ts'
import type { ImportAddition, ImportContext, LocalFile } from '../provider.ts'
import { afterTakingBack } from '../take-back.ts'
import { runLms } from './run-lms.ts'

export interface LmsImport {
  readonly repo: string
  readonly files: readonly LocalFile[]
  readonly lms: string | undefined
  readonly modelsDir: string | undefined
  readonly limitMs: number
}

/** As slow as a disk may be that copies. */
const bytesPerMs = 20_000

/**
 * Asks LM Studio's command to copy each file: one file a call, its source as an absolute path, the target told so that
 * it asks no network and no person. It says nothing that could be relied on: what it did is seen in the list. Source:
 * `importCmd.ts` of lmstudio-ai/lms.
 */
export async function importByLms({ repo, files, lms, modelsDir, limitMs }: LmsImport, context: ImportContext): Promise<ImportAddition[]> {
  if (lms === undefined) throw new ModelyardError('unsupported_operation', 'The lms command of LM Studio was not found.')
  const { signal, onProgress, onAdding } = context
  const bytesTotal = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const added: ImportAddition[] = []
  let bytesDone = 0
  try {
    for (const { path, name, bytes } of files) {
      const addition: ImportAddition = { kind: 'file', what: join(modelsDir ?? '', repo, name) }
      await onAdding?.(addition)
      added.push(addition)
      await runLms(lms, ['import', '--copy', '-y', '--user-repo', repo, path], signal, limitMs + Math.ceil(bytes / bytesPerMs))
      bytesDone += bytes
      onProgress?.(bytesDone, bytesTotal)
    }
    return added
  } catch (error) {
    const said = asImportError(error)
    throw modelsDir === undefined ? said : await afterTakingBack(said, modelsDir, added)
  }
}

function asImportError(error: unknown): unknown {
  const { code, message } = ModelyardError.from(error)
  return code === 'provider_error' ? new ModelyardError('import_failed', `LM Studio: ${message}`, { cause: error }) : error
}
