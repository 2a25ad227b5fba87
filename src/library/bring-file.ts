/** How the bytes of a file come under a name: moved, or as a reflink, a hard link or a copy. Never half under that name. */
import { constants } from 'node:fs'
import { chmod, copyFile, type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { abortReason, ModelyardError } from '../contract/index.ts'
import { renameOver, syncFolder } from '../platform/atomic-file.ts'
import type { PutContext, PutWay } from './library-store.ts'

export interface Bringing {
  readonly from: string
  readonly target: string
  /** On the volume of the target; nobody else uses this name. */
  readonly draft: string
  readonly bytes: number
  readonly how: PutWay
  /** Called just before the file appears, with what tells it from others. */
  readonly onReady: (file: { ino: number; mtimeMs: number }) => Promise<void>
}

const readOnly = 0o444
const copyBytes = 2 ** 22

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
async function makeDraft(bringing: Bringing, context: PutContext): Promise<void> {
  const { from, draft, how } = bringing
  await rm(draft, { force: true })
  if (await did(copyFile(from, draft, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE))) await chmod(draft, readOnly)
  else {
    await rm(draft, { force: true })
    if (how === 'link' && (await did(link(from, draft)))) return syncData(draft)
    await copy(bringing, context)
    await chmod(draft, readOnly)
  }
  await syncData(draft)
}

const did = (work: Promise<void>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  )

async function copy({ from, draft, bytes }: Bringing, { signal, onProgress }: PutContext): Promise<void> {
  const source = await open(from, 'r')
  try {
    const before = await source.stat({ bigint: true })
    const copied = await open(draft, 'wx', 0o600)
    try {
      await copyBetween(source, copied, (done) => {
        if (signal.aborted) throw abortReason(signal)
        onProgress?.(Math.min(done, bytes), bytes)
      })
    } finally {
      await copied.close()
    }
    const after = await source.stat({ bigint: true })
    if (after.mtimeNs !== before.mtimeNs || after.size !== before.size || Number(after.size) !== bytes)
      throw new ModelyardError('conflict', 'The file changed while it was copied.', { retryable: true })
  } finally {
    await source.close()
  }
}

async function copyBetween(source: FileHandle, copied: FileHandle, onDone: (bytes: number) => void): Promise<void> {
  const buffer = Buffer.allocUnsafe(copyBytes)
  for (let at = 0; ; ) {
    onDone(at)
    const { bytesRead } = await source.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) return
    for (let done = 0; done < bytesRead; ) done += (await copied.write(buffer, done, bytesRead - done, at + done)).bytesWritten
    at += bytesRead
  }
}

/** Windows syncs only what it may write. */
async function syncData(path: string): Promise<void> {
  const file = await open(path, process.platform === 'win32' ? 'r+' : 'r')
  try {
    await file.datasync()
  } finally {
    await file.close()
  }
}

/** Another name for bytes of the library itself; false where the volume knows no second name. */
export async function linkWithin(there: string, { target, draft, onReady }: Omit<Bringing, 'from' | 'how' | 'bytes'>): Promise<boolean> {
  await rm(draft, { force: true })
  if (!(await did(link(there, draft)))) return false
  await onReady(await stat(draft))
  await rename(draft, target)
  await syncFolder(dirname(target))
  return true
}
