/** How the bytes of a file come under a name of the library: moved, or by a draft among the partials. */
import { chmod, link, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { ModelyardError } from '../contract/index.ts'
import { renameOver, syncFolder } from '../platform/atomic-file.ts'
import { placeFile } from '../platform/place-file.ts'
import type { PutContext, PutWay } from './library-store.ts'

export interface Bringing {
  readonly from: string
  readonly target: string
  /** On the volume of the target; nobody else uses this name. */
  readonly draft: string
  readonly how: PutWay
  /** Called just before the file appears, with what tells it from others. */
  readonly onReady: (file: { ino: number; mtimeMs: number }) => Promise<void>
}

const readOnly = 0o444

/** The source of a move is gone afterwards. */
export async function bringFile(bringing: Bringing, context: PutContext): Promise<void> {
  const { from, target, draft, how, onReady } = bringing
  try {
    if (how === 'move' && (await moved(bringing))) return
    await makeDraft(bringing, context)
    await onReady(await stat(draft))
    await renameOver(draft, target)
    await syncFolder(dirname(target))
    if (how === 'move') await rm(from)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Read-only last: a download that a crash made begin again must be able to open its partial. */
async function moved({ from, target, onReady }: Bringing): Promise<boolean> {
  await syncData(from)
  await onReady(await stat(from))
  try {
    await renameOver(from, target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EXDEV') return false
    throw error
  }
  await chmod(target, readOnly)
  await syncFolder(dirname(target))
  return true
}

/** A hard link keeps the mode of its source, which is to stay as it is. */
async function makeDraft({ from, draft, how }: Bringing, { signal, onProgress }: PutContext): Promise<void> {
  const before = await stat(from, { bigint: true })
  await rm(draft, { force: true })
  const ways = how === 'link' ? undefined : (['reflink', 'copy'] as const)
  const { way } = await placeFile({ from, to: draft, root: dirname(draft), signal, onProgress, ways })
  if (way !== 'hard-link') await chmod(draft, readOnly)
  await syncData(draft)
  const after = await stat(from, { bigint: true })
  if (after.mtimeNs !== before.mtimeNs || after.size !== before.size)
    throw new ModelyardError('conflict', `${basename(from)} changed meanwhile.`, { retryable: true })
}

/** Windows syncs only what it may write. */
async function syncData(path: string): Promise<void> {
  await using file = await open(path, process.platform === 'win32' ? 'r+' : 'r')
  await file.datasync()
}

/** Another name for bytes of the library itself; false where the volume knows no second name. */
export async function linkWithin(there: string, { target, draft, onReady }: Omit<Bringing, 'from' | 'how'>): Promise<boolean> {
  await rm(draft, { force: true })
  const linked = await link(there, draft).then(
    () => true,
    () => false,
  )
  if (!linked) return false
  await onReady(await stat(draft))
  await rename(draft, target)
  await syncFolder(dirname(target))
  return true
}
