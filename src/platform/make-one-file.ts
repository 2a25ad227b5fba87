/**
 * Of two files with the same bytes makes one on the disk: a name comes to mean the other file (a hard link), or shares
 * its blocks where the volume can. Both are read whole right before, and the name changes in one step: whoever looks,
 * also after a crash, finds the same bytes under it. A program that has the old file open keeps it.
 */
import { createHash } from 'node:crypto'
import { type BigIntStats, constants } from 'node:fs'
import { chmod, chown, copyFile, link, lstat, open, readdir, realpath, rm, utimes } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ModelyardError } from '../contract/index.ts'
import { renameOver, syncFolder } from './atomic-file.ts'
import { sameBytes } from './same-bytes.ts'

export interface Twins {
  /** The file that stays. */
  readonly keep: string
  /** The name that comes to mean it. On the same volume. */
  readonly drop: string
  readonly signal: AbortSignal
}

const draftName = /^\.modelyard-twin-[0-9a-f]{12}\.part$/

/** `conflict` when they are not the same, are no plain files, or one changes meanwhile: nothing is done then. */
export async function makeOneFile({ keep, drop, signal }: Twins): Promise<void> {
  const before = await Promise.all([look(keep), look(drop)])
  if (before[0].dev === before[1].dev && before[0].ino === before[1].ino) return
  if (before[0].dev !== before[1].dev) throw different(drop, 'lies on another volume')
  if (before[0].size !== before[1].size || !(await sameBytes(keep, drop, signal))) throw different(drop, 'has other bytes')
  const draft = join(dirname(drop), `.modelyard-twin-${createHash('sha256').update(basename(drop)).digest('hex').slice(0, 12)}.part`)
  await rm(draft, { force: true })
  try {
    await secondName(keep, draft, before)
    const after = await Promise.all([look(keep), look(drop)])
    if (after.some((one, index) => changed(one, before[index]))) throw different(drop, 'changed meanwhile')
    await renameOver(draft, drop)
  } finally {
    await rm(draft, { force: true })
  }
  await syncFolder(dirname(drop))
}

/** What a crash left in this folder: names of a file that has another one. */
export async function leftTwins(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => [])
  return names.filter((name) => draftName.test(name)).map((name) => join(folder, name))
}

/** A clone is a file of its own: it keeps the mode and the owner of the one whose place it takes. */
async function secondName(keep: string, draft: string, [kept, dropped]: readonly [BigIntStats, BigIntStats]): Promise<void> {
  try {
    await copyFile(keep, draft, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL)
  } catch {
    await rm(draft, { force: true })
    return link(keep, draft)
  }
  if (process.getuid?.() === 0) await chown(draft, Number(dropped.uid), Number(dropped.gid))
  await utimes(draft, Number(kept.atimeMs) / 1000, Number(kept.mtimeMs) / 1000)
  await chmod(draft, Number(dropped.mode) & 0o777)
  await using file = await open(draft, 'r')
  await file.datasync()
}

async function look(path: string): Promise<BigIntStats> {
  const found = await lstat(path, { bigint: true }).catch(() => undefined)
  if (!found?.isFile() || (await realpath(path)) !== path) throw different(path, 'is not there, or is reached by a link')
  return found
}

const changed = (one: BigIntStats, before: BigIntStats | undefined): boolean =>
  one.ino !== before?.ino || one.size !== before.size || one.mtimeNs !== before.mtimeNs

const different = (path: string, why: string): ModelyardError =>
  new ModelyardError('conflict', `${basename(path)} ${why}; it was left as it is.`, { retryable: false })
