/**
 * Gives a file a second name elsewhere, at the least cost: a reflink, else a hard link, else a copy. The name holds the
 * whole file or does not exist, nothing is overwritten, no linked folder is gone through, and the source is only read.
 * What is not published yet lies beside its name, hidden and without `.gguf`; a crash leaves it there for the next try.
 */
import { createHash, randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { copyFile, link, lstat, open, readdir, realpath, rename, rm, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { abortReason, ModelyardError } from '../contract/index.ts'
import { copyBytes } from './copy-bytes.ts'
import { tryLock, waitForLock } from './kernel-lock.ts'
import { makeFolderBelow } from './make-folder-below.ts'
import { mustHaveRoom } from './must-have-room.ts'
import type { FileIdentity } from './own-file.ts'

export type PlaceWay = 'reflink' | 'hard-link' | 'copy'

export const placeWays: readonly PlaceWay[] = ['reflink', 'hard-link', 'copy']

export interface Placing {
  /** A link to it is followed. */
  readonly from: string
  /** Absolute, below the root. */
  readonly to: string
  /** Nothing is written outside of it. It exists; folders below it are made. */
  readonly root: string
  readonly signal: AbortSignal
  /** Called while bytes are copied. */
  readonly onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined
  /** Called before the file appears under the name, with what tells it from others; again where that way fails and another is tried. */
  readonly onReady?: ((file: FileIdentity) => Promise<void>) | undefined
  /** What must be free before a byte is copied, where more is to follow; by default what it holds. */
  readonly roomBytes?: number | undefined
  /** Those that may be tried, in this order; by default all. */
  readonly ways?: readonly PlaceWay[] | undefined
}

export interface Placed {
  readonly way: PlaceWay
  readonly bytes: number
}

/**
 * Errors: `conflict` (a file lies under that name, a folder on the way is a link, it may not be written),
 * `file_not_found`, `disk_full`, `unsafe_name` (outside the root). A failure or an abort leaves nothing, new folders
 * included.
 */
export async function placeFile(placing: Placing): Promise<Placed> {
  const { signal, to, ways = placeWays } = placing
  if (signal.aborted) throw abortReason(signal)
  const from = await sourceOf(placing.from)
  const made = await makeFolderBelow(placing.root, dirname(to)).catch(refused)
  try {
    const target = { ...placing, from: from.path, bytes: from.bytes, to: join(made.folder, basename(to)), draft: draftOf(made.folder, to) }
    const lock = await waitForLock(made.folder, `placing-${nameHash(to)}`, signal)
    try {
      await rm(target.draft, { force: true })
      if (await lstat(target.to).catch(() => undefined)) throw taken(to)
      return await firstThatWorks(target, ways)
    } finally {
      await lock.release()
    }
  } catch (error) {
    await made.undo()
    if (signal.aborted) throw abortReason(signal)
    return refused(error)
  }
}

/** What a crash left of placing this file; a draft that somebody writes now is left to them. */
export async function removeDraft(to: string): Promise<void> {
  const draft = draftOf(dirname(to), to)
  if (!(await lstat(draft).catch(() => undefined))) return
  const lock = await tryLock(dirname(to), `placing-${nameHash(to)}`)
  if (lock) await rm(draft, { force: true }).finally(() => lock.release())
}

/** What crashes left in this folder of placing files, and of trying to: what nobody writes now. */
export async function leftDrafts(folder: string): Promise<{ readonly path: string; remove(): Promise<void> }[]> {
  const free = async (purpose: string, work: () => Promise<void>): Promise<boolean> => {
    const lock = await tryLock(folder, purpose)
    if (lock) await work().finally(() => lock.release())
    return lock !== undefined
  }
  const left: { path: string; remove(): Promise<void> }[] = []
  for (const name of await readdir(folder).catch((): string[] => [])) {
    const [, what, id] = draftName.exec(name) ?? trialName.exec(name) ?? []
    const purpose = `${what}-${id}`
    const path = join(folder, name)
    const remove = async (): Promise<void> => void (await free(purpose, () => rm(path, { force: true })))
    if (id !== undefined && (await free(purpose, async () => undefined))) left.push({ path, remove })
  }
  return left
}

/**
 * The way that would work from this file, or from a folder for files to come, into that folder or what will be its
 * parent: found by trying, of which nothing stays, nor of what a crash left there. Undefined: nothing can be written there.
 */
export async function wayOf({ from, folder }: { from: string; folder: string }): Promise<PlaceWay | undefined> {
  return withTrial(await existingParent(folder), async (trial) => {
    if (!(await writable(trial))) return undefined
    return withSample(from, async (sample) => {
      for (const way of ['reflink', 'hard-link'] as const) if (sample !== undefined && (await works(way, sample, trial))) return way
      return 'copy'
    })
  })
}

interface Target extends Omit<Placing, 'ways'> {
  readonly bytes: number
  readonly draft: string
}

async function firstThatWorks(target: Target, ways: readonly PlaceWay[]): Promise<Placed> {
  const failures: unknown[] = []
  for (const way of ways) {
    try {
      await attempts[way](target)
      return { way, bytes: target.bytes }
    } catch (error) {
      if (isFinal(error) || target.signal.aborted) throw error
      failures.push(error)
    }
  }
  throw failures.at(-1)
}

const attempts: Readonly<Record<PlaceWay, (target: Target) => Promise<void>>> = {
  reflink: (target) =>
    throughDraft(target, true, () => copyFile(target.from, target.draft, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL)),
  'hard-link': async (target) => {
    await tell(target, await stat(target.from), true)
    await link(target.from, target.to)
  },
  copy: async (target) => {
    await mustHaveRoom(dirname(target.draft), target.roomBytes ?? target.bytes)
    await throughDraft(target, false, () => copyBytes({ ...target, to: target.draft }))
  },
}

/** Writes beside the name, then publishes; whatever fails takes the draft away. */
async function throughDraft(target: Target, byInode: boolean, write: () => Promise<void>): Promise<void> {
  const { draft, to, bytes } = target
  try {
    await write()
    const written = await stat(draft)
    if (written.size !== bytes) throw new ModelyardError('conflict', `${basename(to)} changed while it was copied.`)
    await tell(target, written, byInode)
    await publish(draft, to)
  } finally {
    await rm(draft, { force: true })
  }
}

/** Volumes that know links keep inodes; of others (FAT) the time of a copy tells it. */
async function tell({ onReady, signal }: Target, { size, mtimeMs, ino }: Stats, byInode: boolean): Promise<void> {
  await onReady?.({ bytes: size, mtimeMs, ...(byInode && { ino }) }).catch((error: unknown) => Promise.reject(ModelyardError.from(error)))
  if (signal.aborted) throw abortReason(signal)
}

/** A hard link is the only rename that never overwrites; volumes without them are looked at first. */
async function publish(draft: string, to: string): Promise<void> {
  try {
    await link(draft, to)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw taken(to)
    if (await lstat(to).catch(() => undefined)) throw taken(to)
    await rename(draft, to)
  }
}

async function sourceOf(from: string): Promise<{ path: string; bytes: number }> {
  const path = await realpath(from).catch(() => undefined)
  const found = path === undefined ? undefined : await stat(path).catch(() => undefined)
  if (path === undefined || !found?.isFile())
    throw new ModelyardError('file_not_found', `${basename(from)} is not there, or is no plain file.`)
  return { path, bytes: found.size }
}

/** A name to try with. Its lock tells that somebody does. */
async function withTrial<T>(folder: string, work: (path: string) => Promise<T>): Promise<T> {
  for (const left of await leftDrafts(folder)) await left.remove().catch(() => undefined)
  const id = randomBytes(6).toString('hex')
  const lock = await tryLock(folder, `trial-${id}`)
  try {
    return await work(join(folder, `.modelyard-trial-${id}`))
  } finally {
    await lock?.release()
  }
}

/** What is tried with: the file itself, or a small one of ours in the folder where it can be written. */
async function withSample<T>(from: string, work: (path: string | undefined) => Promise<T>): Promise<T> {
  const path = await realpath(from).catch(() => from)
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile()) return work(path)
  return withTrial(await existingParent(path), async (own) => {
    const file = await open(own, 'wx', 0o600).catch(() => undefined)
    if (!file) return work(undefined)
    try {
      await file.writeFile(Buffer.alloc(4096, 1)).finally(() => file.close())
      return await work(own)
    } finally {
      await rm(own, { force: true })
    }
  })
}

const works = (way: 'reflink' | 'hard-link', from: string, trial: string): Promise<boolean> =>
  (way === 'reflink' ? copyFile(from, trial, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL) : link(from, trial))
    .then(
      () => true,
      () => false,
    )
    .finally(() => rm(trial, { force: true }))

async function writable(trial: string): Promise<boolean> {
  const file = await open(trial, 'wx', 0o600).catch(() => undefined)
  await file?.close()
  if (file) await unlink(trial)
  return file !== undefined
}

async function existingParent(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    const found = await stat(at).catch(() => undefined)
    if (found?.isDirectory() || dirname(at) === at) return at
  }
}

const nameHash = (text: string): string => createHash('sha256').update(basename(text)).digest('hex').slice(0, 12)
const draftName = /^\.modelyard-(placing)-([0-9a-f]{12})\.part$/
const trialName = /^\.modelyard-(trial)-([0-9a-f]{12})$/
const draftOf = (folder: string, to: string): string => join(folder, `.modelyard-placing-${nameHash(to)}.part`)

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code
const isFull = (error: unknown): boolean => codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT'
/** No other way would end otherwise. */
const isFinal = (error: unknown): boolean => ModelyardError.is(error) || isFull(error) || codeOf(error) === 'EEXIST'

const taken = (to: string): ModelyardError =>
  new ModelyardError('conflict', `Another file lies under the name ${basename(to)}.`, {
    retryable: false,
    hint: 'Move or remove it; an existing file is never overwritten.',
  })

function refused(error: unknown): never {
  if (ModelyardError.is(error)) throw error
  if (isFull(error)) throw new ModelyardError('disk_full', undefined, { cause: error })
  throw new ModelyardError('conflict', `The file could not be put there (${codeOf(error) ?? 'unknown reason'}).`, {
    cause: error,
    retryable: false,
    hint: 'Look at who owns the folder, and whether it may be written.',
  })
}
