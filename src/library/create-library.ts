/** The library on the disk. What is published is whole; what the index says is looked at again before it is told. */
import { createHash } from 'node:crypto'
import { lstat, mkdir, realpath, rm, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { abortReason, ModelyardError } from '../contract/index.ts'
import { hashFile } from '../platform/hash-file.ts'
import { waitForLock } from '../platform/kernel-lock.ts'
import { plainFile, sameFile } from '../platform/own-file.ts'
import { bringFile, linkWithin } from './bring-file.ts'
import { cleanDrafts } from './clean-drafts.ts'
import { createLibraryIndex, type Indexed, type LibraryIndex } from './library-index.ts'
import type { FileHashes, LibraryEntry, LibraryStore, NewFile, PutContext, PutWay } from './library-store.ts'
import { folded, makeFolders, nameIn, removeEmpty, spelledName } from './place.ts'
import { refused } from './refused.ts'

export interface LibraryOptions {
  /** Made when it is not there. */
  readonly folder: string
  readonly log: (message: string, error?: unknown) => void
  /** What a person should know: the index was damaged. */
  readonly onWarning?: ((text: string) => void) | undefined
  /** Without it what is hashed is not remembered. */
  readonly hashes?: Pick<FileHashes, 'of'> | undefined
}

const looksAtOnce = 8

export async function createLibrary(options: LibraryOptions): Promise<LibraryStore> {
  const library = await openFolder(options.folder)
  const hidden = join(library, '.modelyard')
  const partialsFolder = join(hidden, 'partials')
  const index = createLibraryIndex(hidden, () => {
    options.log('The index of the library is damaged; what it does not tell is looked at anew')
    options.onWarning?.('The index of the library was damaged. Nothing is lost: it is made anew from the files.')
  })
  await mkdir(partialsFolder, { recursive: true, mode: 0o700 })
  await refuseLinks(hidden, partialsFolder)
  await cleanDrafts(partialsFolder, options.log)

  const store: LibraryStore = {
    folder: library,
    partialsFolder,
    async find(sha256) {
      for (const one of (await index.all()).values()) {
        const entry = one.sha256 === sha256 ? await lookAgain(library, one) : undefined
        if (entry) return entry
      }
      return undefined
    },
    async list() {
      return lookAtAll(library, [...(await index.all()).values()])
    },
    async put(file, how, context) {
      if (context.signal.aborted) throw abortReason(context.signal)
      const wanted = nameIn(file.repo, file.file)
      const id = createHash('sha256').update(folded(wanted)).digest('hex').slice(0, 24)
      const lock = await waitForLock(hidden, `put-${id}`, context.signal)
      try {
        const name = await spelledName(library, wanted)
        return await put({ store, index, options, file, how, name, draft: join(partialsFolder, `put-${id}.draft`) }, context)
      } catch (error) {
        throw refused(error)
      } finally {
        await lock.release()
      }
    },
    async forget(path) {
      const name = relative(library, path).split(sep).join('/')
      await index.change((entries) => entries.delete(name))
    },
    async close() {},
  }
  return store
}

async function openFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  return realpath(folder)
}

/** What is ours lies in the library itself, wherever that is. */
async function refuseLinks(...folders: string[]): Promise<void> {
  for (const folder of folders)
    if (!(await lstat(folder)).isDirectory()) throw new ModelyardError('conflict', `${folder} is a link; it must be a folder.`)
}

interface Putting {
  readonly store: LibraryStore
  readonly index: LibraryIndex
  readonly options: LibraryOptions
  readonly file: NewFile
  readonly how: PutWay
  /** As it is spelled on the disk. */
  readonly name: string
  readonly draft: string
}

async function put(putting: Putting, context: PutContext): Promise<LibraryEntry> {
  const { store, file, how, name } = putting
  const target = join(store.folder, name)
  const made = await makeFolders(store.folder, name)
  try {
    if (!(await liesThere(putting, target, context))) await bring(putting, target, context)
    else if (how === 'move') await removeSource(file.from, target)
  } catch (error) {
    await removeEmpty(made)
    throw error
  }
  return entryOf(store.folder, indexedAs(putting, await stat(target)))
}

/** Bytes that lie elsewhere in the library get another name there, where the volume knows such. */
async function bring(putting: Putting, target: string, context: PutContext): Promise<void> {
  const { store, file, how, draft } = putting
  await checkSource(file)
  const onReady = (found: { ino: number; mtimeMs: number }): Promise<void> => tell(putting, found)
  try {
    const elsewhere = await store.find(file.sha256)
    const linked = elsewhere && elsewhere.path !== file.from && (await linkWithin(elsewhere.path, { target, draft, onReady }))
    if (!linked) await bringFile({ from: file.from, target, draft, bytes: file.bytes, how, onReady }, context)
    else if (how === 'move') await removeSource(file.from, target)
  } catch (error) {
    await store.forget(target)
    throw error
  }
}

/** The same bytes under that name already; `conflict` for others. */
async function liesThere(putting: Putting, target: string, context: PutContext): Promise<boolean> {
  const { store, index, options, file, name } = putting
  const found = await lstat(target).catch(() => undefined)
  if (!found) return false
  const known = (await index.all()).get(name)
  const fresh = known && (await lookAgain(store.folder, known))
  if (found.isFile() && found.size === file.bytes) {
    const sha256 = fresh ? fresh.sha256 : await (options.hashes?.of(target, context) ?? hashFile(target, found.size, context))
    if (sha256 === file.sha256) {
      if (!fresh) await tell(putting, found)
      return true
    }
  }
  throw new ModelyardError('conflict', `Another file lies in the library as ${name}.`, {
    hint: 'Remove it, or move it away, and try again.',
  })
}

async function checkSource({ from, bytes }: NewFile): Promise<void> {
  const found = await stat(from)
  if (!found.isFile() || found.size !== bytes)
    throw new ModelyardError('conflict', `The file does not have the ${bytes} bytes that it had.`)
}

/** One file may have both names. */
async function removeSource(from: string, target: string): Promise<void> {
  const [a, b] = await Promise.all([realpath(from).catch(() => undefined), realpath(target)])
  if (a !== undefined && a !== b) await rm(from, { force: true })
}

/** The index is told first: a crash then leaves an entry of nothing, which is not told, and never a file that nobody finds. */
async function tell(putting: Putting, found: { ino: number; mtimeMs: number }): Promise<void> {
  await putting.index.change((entries) => {
    entries.delete(putting.name)
    entries.set(putting.name, indexedAs(putting, found))
    return true
  })
}

const indexedAs = ({ file, name }: Putting, { ino, mtimeMs }: { ino: number; mtimeMs: number }): Indexed => ({
  name,
  sha256: file.sha256,
  bytes: file.bytes,
  ino,
  mtimeMs,
  repo: file.repo,
  file: file.file,
  commit: file.commit,
})

const entryOf = (library: string, { name, bytes, sha256, repo, file, commit }: Indexed): LibraryEntry => ({
  path: join(library, ...name.split('/')),
  name,
  bytes,
  sha256,
  repo,
  file,
  commit,
})

/** Undefined when it is no longer so. */
async function lookAgain(library: string, one: Indexed): Promise<LibraryEntry | undefined> {
  const entry = entryOf(library, one)
  const plain = await plainFile(library, entry.path)
  if (!('ino' in plain) || plain.path !== entry.path || plain.bytes !== one.bytes || plain.ino !== one.ino) return undefined
  const { mtimeMs, ...found } = await lstat(entry.path)
  return sameFile(found, plain) && mtimeMs === one.mtimeMs ? entry : undefined
}

async function lookAtAll(library: string, entries: readonly Indexed[]): Promise<LibraryEntry[]> {
  const looked: (LibraryEntry | undefined)[] = []
  const rest = entries.entries()
  const look = async (): Promise<void> => {
    for (const [index, one] of rest) looked[index] = await lookAgain(library, one).catch(() => undefined)
  }
  await Promise.all(Array.from({ length: looksAtOnce }, look))
  return looked.filter((one) => one !== undefined)
}
