import { lstat, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ModelyardError } from '../../contract/index.ts'
import { mustHaveRoom } from '../../platform/must-have-room.ts'
import { type FileIdentity, plainFile } from '../../platform/own-file.ts'
import { sampleOf } from '../../platform/same-bytes.ts'
import { isThere } from '../place-model.ts'
import type { ImportAddition, ImportContext, LocalFile } from '../provider.ts'
import { afterTakingBack, filesOf, ownFile, takeBack } from '../take-back.ts'
import { runLms } from './run-lms.ts'

export interface LmsImport {
  readonly repo: string
  readonly files: readonly LocalFile[]
  readonly lms: string | undefined
  /** Looks anew: the command may make it. */
  readonly modelsDir: () => Promise<string | undefined>
  readonly limitMs: number
}

/** As slow as a disk may be that copies. */
const bytesPerMs = 20_000
/** Clocks of file systems run a little behind. */
const clockMs = 2000

/**
 * Asks LM Studio's command to copy each file: one file a call, its source as an absolute path, the target told so that
 * it asks no network and no person. It says nothing that could be relied on: what it did is seen in the list. It refuses
 * a file that is there, so that is looked for before. Source: `importCmd.ts` of lmstudio-ai/lms.
 */
export async function importByLms(wanted: LmsImport, context: ImportContext): Promise<ImportAddition[]> {
  const { files, lms } = wanted
  if (lms === undefined) throw new ModelyardError('unsupported_operation', 'The lms command of LM Studio was not found.')
  const bytesTotal = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const added: ImportAddition[] = []
  let bytesDone = 0
  try {
    for (const file of files) {
      if (!(await liesThere(wanted, file, { ...context, added }))) {
        await mustFit(wanted, bytesTotal - bytesDone)
        await bring({ ...wanted, lms }, file, { ...context, added })
      }
      bytesDone += file.bytes
      context.onProgress?.(bytesDone, bytesTotal)
    }
    return added
  } catch (error) {
    const said = asImportError(error)
    const root = await wanted.modelsDir()
    throw root === undefined ? said : await afterTakingBack(said, root, added)
  }
}

interface Bringing extends ImportContext {
  /** What this import has made, an earlier try that was recorded included. */
  readonly added: ImportAddition[]
}

/** Throws `conflict` where another file lies under its name. Of a try that was killed while the command copied the half goes. */
async function liesThere({ repo, modelsDir }: LmsImport, file: LocalFile, { signal, recorded = [], added }: Bringing): Promise<boolean> {
  const root = await modelsDir()
  if (root === undefined) return false
  const to = join(root, repo, file.name)
  const known = filesOf(root, recorded).get(to)
  if (known) await removeHalf(root, to, file)
  if (!(await isThere({ file, to }, signal))) return false
  if (known && (await ownFile(root, to, known))) added.push(known)
  return true
}

/** Where the folder is not known the command itself finds out. */
async function mustFit({ modelsDir }: LmsImport, bytes: number): Promise<void> {
  const root = await modelsDir()
  if (root !== undefined) await mustHaveRoom(root, bytes)
}

async function bring(
  { repo, lms, modelsDir, limitMs }: LmsImport & { readonly lms: string },
  file: LocalFile,
  { signal, onAdding, added }: Bringing,
): Promise<void> {
  const below = join(repo, file.name)
  const addition: ImportAddition = { kind: 'file', what: join((await modelsDir()) ?? '', below), from: file.path }
  await onAdding?.(addition)
  const began = Date.now()
  try {
    const args = ['import', '--copy', '-y', '--user-repo', repo, file.path]
    await runLms(lms, args, signal, limitMs + Math.ceil(file.bytes / bytesPerMs))
  } catch (error) {
    const root = await modelsDir()
    if (root !== undefined) await removeHalf(root, join(root, below), file)
    throw error
  }
  const root = await modelsDir()
  const made = root === undefined ? undefined : await madeSince(began, join(root, below), file.bytes)
  if (made === undefined) return
  added.push({ ...addition, file: made })
  await onAdding?.({ ...addition, file: made })
}

async function madeSince(began: number, path: string, bytes: number): Promise<FileIdentity | undefined> {
  const found = await lstat(path).catch(() => undefined)
  if (!found?.isFile() || found.size !== bytes || found.ctimeMs < began - clockMs) return undefined
  return { bytes, mtimeMs: found.mtimeMs, ino: found.ino }
}

/** The beginning of this file, and not the whole: what a command leaves that was ended while it copied. */
async function removeHalf(root: string, path: string, file: Pick<LocalFile, 'path' | 'bytes'>): Promise<void> {
  const found = await plainFile(root, path)
  if (!('ino' in found) || found.bytes >= file.bytes) return
  const [half, whole] = await Promise.all([path, file.path].map((one) => sampleOf(one, found.bytes).catch(() => undefined)))
  if (half !== undefined && half === whole) await takeBack(root, [{ kind: 'file', what: path, file: found }])
}

/** What a command that was killed with us left of these, where their sources are still there to tell. */
export async function removeHalves(root: string, added: readonly ImportAddition[]): Promise<void> {
  for (const [path, { file, from }] of filesOf(root, added)) {
    const source = file === undefined && from !== undefined ? await stat(from).catch(() => undefined) : undefined
    if (source && from !== undefined) await removeHalf(root, path, { path: from, bytes: source.size })
  }
}

function asImportError(error: unknown): unknown {
  const { code, message } = ModelyardError.from(error)
  return code === 'provider_error' ? new ModelyardError('import_failed', `LM Studio: ${message}`, { cause: error }) : error
}
