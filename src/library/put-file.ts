/** Publishing one file, under the lock of its name: already there, linked to the same bytes elsewhere, or brought. */
import { lstat, realpath, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ModelyardError } from '../contract/index.ts'
import { makeFolderBelow } from '../platform/make-folder-below.ts'
import { bringFile, linkWithin } from './bring-file.ts'
import type { Indexed, LibraryIndex } from './library-index.ts'
import type { LibraryEntry, LibraryStore, NewFile, PutContext, PutWay } from './library-store.ts'
import { entryOf, lookAgain } from './look-again.ts'

export interface Putting {
  readonly store: LibraryStore
  readonly index: LibraryIndex
  readonly hashOf: (path: string, bytes: number, context: PutContext) => Promise<string>
  readonly file: NewFile
  readonly how: PutWay
  /** As it is spelled on the disk. */
  readonly name: string
  readonly draft: string
}

interface FoundFile {
  readonly ino: number
  readonly mtimeMs: number
}

export async function putFile(putting: Putting, context: PutContext): Promise<LibraryEntry> {
  const { store, file, how, name } = putting
  const target = join(store.folder, name)
  const made = await makeFolderBelow(store.folder, dirname(target))
  try {
    const putBy = await liesThere(putting, target, context)
    if (putBy === undefined) await bring(putting, target, context)
    else if (how === 'move') await removeSource(file.from, target)
    return entryOf(store.folder, indexedAs(putting, await stat(target), putBy))
  } catch (error) {
    await made.undo()
    throw error
  }
}

/** Bytes that lie elsewhere in the library get another name there, where the volume knows such. */
async function bring(putting: Putting, target: string, context: PutContext): Promise<void> {
  const { store, file, how, draft } = putting
  await checkSource(file)
  const onReady = (found: FoundFile): Promise<void> => tell(putting, found)
  try {
    const elsewhere = await store.find(file.sha256)
    const linked = elsewhere && elsewhere.path !== file.from && (await linkWithin(elsewhere.path, { target, draft, onReady }))
    if (!linked) await bringFile({ from: file.from, target, draft, how, onReady }, context)
    else if (how === 'move') await removeSource(file.from, target)
  } catch (error) {
    await store.forget(target)
    throw error
  }
}

/** The same bytes under that name already, and who put them there; `conflict` for others. */
async function liesThere(putting: Putting, target: string, context: PutContext): Promise<LibraryEntry['putBy'] | undefined> {
  const { store, index, hashOf, file, name } = putting
  const found = await lstat(target).catch(() => undefined)
  if (!found) return undefined
  const known = (await index.all()).get(name)
  const fresh = known && (await lookAgain(store.folder, known))
  if (found.isFile() && found.size === file.bytes) {
    const sha256 = fresh ? fresh.sha256 : await hashOf(target, found.size, context)
    if (sha256 === file.sha256) {
      const { putBy } = fresh ?? { putBy: file.putBy ?? 'other' }
      if (fresh?.repo === undefined) await tell(putting, found, putBy)
      return putBy
    }
  }
  throw new ModelyardError('conflict', `Another file lies in the library as ${name}.`, {
    hint: 'Remove it, or move it away, and try again.',
  })
}

async function checkSource({ from, bytes }: NewFile): Promise<void> {
  const found = await stat(from).catch(() => undefined)
  if (!found?.isFile()) throw new ModelyardError('file_not_found', `${basename(from)} is not there, or is no plain file.`)
  if (found.size !== bytes) throw new ModelyardError('conflict', `${basename(from)} does not have the ${bytes} bytes that it had.`)
}

/** One file may have both names. */
async function removeSource(from: string, target: string): Promise<void> {
  const [a, b] = await Promise.all([realpath(from).catch(() => undefined), realpath(target)])
  if (a !== undefined && a !== b) await rm(from, { force: true })
}

/** The index is told first: a crash then leaves an entry of nothing, which is not told, and never a file that nobody finds. */
async function tell(putting: Putting, found: FoundFile, putBy?: LibraryEntry['putBy']): Promise<void> {
  await putting.index.change((entries) => {
    entries.delete(putting.name)
    entries.set(putting.name, indexedAs(putting, found, putBy))
    return true
  })
}

const indexedAs = ({ file, name }: Putting, { ino, mtimeMs }: FoundFile, putBy?: LibraryEntry['putBy']): Indexed => ({
  name,
  sha256: file.sha256,
  bytes: file.bytes,
  ino,
  mtimeMs,
  repo: file.repo,
  file: file.file,
  commit: file.commit,
  ...(putBy === 'other' && { found: true }),
})
