/** The library on the disk. What is published is whole; what the index says is looked at again before it is told. */
import { createHash } from 'node:crypto'
import { lstat, mkdir, realpath } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { abortReason, ModelyardError } from '../contract/index.ts'
import { hashFile } from '../platform/hash-file.ts'
import { waitForLock } from '../platform/kernel-lock.ts'
import { walkFolder } from '../platform/walk-folder.ts'
import { cleanDrafts } from './clean-drafts.ts'
import { createLibraryIndex, type Indexed, type LibraryIndex } from './library-index.ts'
import type { FileHashes, LibraryEntry, LibraryStore, PutContext } from './library-store.ts'
import { lookAgain, lookAtAll } from './look-again.ts'
import { folded, nameIn, spelledName } from './place.ts'
import { type Putting, putFile } from './put-file.ts'
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

/** Of the folders in which models are looked for. */
const maxDepth = 4

export async function createLibrary(options: LibraryOptions): Promise<LibraryStore> {
  const library = await openFolder(options.folder)
  const hidden = join(library, '.modelyard')
  const partialsFolder = join(hidden, 'partials')
  const index = createLibraryIndex(hidden, () => {
    options.log('The index of the library is damaged; what it does not tell is looked at anew')
    options.onWarning?.('The index of the library was damaged. Nothing is lost: it is made anew from the files.')
  })
  const ready = async (): Promise<void> => {
    await mkdir(partialsFolder, { recursive: true, mode: 0o700 })
    await refuseLinks(hidden, partialsFolder)
  }
  await ready().then(
    () => cleanDrafts(partialsFolder, options.log),
    (error: unknown) => options.log('The library can be read, and nothing can be put into it', error),
  )

  const hashOf = (path: string, bytes: number, context: PutContext): Promise<string> =>
    options.hashes ? options.hashes.of(path, context) : hashFile(path, bytes, context)

  const store: LibraryStore = {
    folder: library,
    partialsFolder,
    async find(sha256, unknown) {
      const told = await findTold(library, index, sha256)
      return told ?? (unknown && (await findUnknown({ library, index, hashOf }, sha256, unknown)))
    },
    async at(path) {
      const one = (await index.all()).get(nameOf(library, path))
      return one && lookAgain(library, one)
    },
    async list() {
      return lookAtAll(library, [...(await index.all()).values()])
    },
    async put(file, how, context) {
      if (context.signal.aborted) throw abortReason(context.signal)
      const wanted = nameIn(file.repo, file.file)
      const id = createHash('sha256').update(folded(wanted)).digest('hex').slice(0, 24)
      await ready().catch(cannot)
      const lock = await waitForLock(hidden, `put-${id}`, context.signal)
      try {
        const name = await spelledName(library, wanted)
        return await putFile({ store, index, hashOf, file, how, name, draft: join(partialsFolder, `put-${id}.draft`) }, context)
      } catch (error) {
        return cannot(error)
      } finally {
        await lock.release()
      }
    },
    async forget(path) {
      await index.change((entries) => entries.delete(nameOf(library, path))).catch(cannot)
    },
    async close() {},
  }
  return store
}

const nameOf = (library: string, path: string): string => relative(library, path).split(sep).join('/')

const cannot = (error: unknown): never => {
  throw refused(error)
}

/** Its real path; where it cannot be made it is empty for now. */
async function openFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true }).catch(() => undefined)
  return realpath(folder).catch(() => resolve(folder))
}

/** What is ours lies in the library itself, wherever that is. */
async function refuseLinks(...folders: string[]): Promise<void> {
  for (const folder of folders)
    if (!(await lstat(folder)).isDirectory()) throw new ModelyardError('conflict', `${folder} is a link; it must be a folder.`)
}

async function findTold(library: string, index: LibraryIndex, sha256: string): Promise<LibraryEntry | undefined> {
  for (const one of (await index.all()).values()) {
    const entry = one.sha256 === sha256 ? await lookAgain(library, one) : undefined
    if (entry) return entry
  }
  return undefined
}

/** What is hashed is told to the index, whatever it was. No links. */
async function findUnknown(
  { library, index, hashOf }: { library: string; index: LibraryIndex } & Pick<Putting, 'hashOf'>,
  sha256: string,
  { bytes, signal }: { bytes: number; signal: AbortSignal },
): Promise<LibraryEntry | undefined> {
  const { files } = await walkFolder(library, maxDepth)
  for (const { at: name, path, bytes: size } of files) {
    if (size !== bytes || path !== join(library, name)) continue
    const known = (await index.all()).get(name)
    if (known && (await lookAgain(library, known))) continue
    const found = await lstat(path).catch(() => undefined)
    const digest = await hashOf(path, bytes, { signal }).catch(() => undefined)
    if (signal.aborted) throw abortReason(signal)
    if (!found || digest === undefined) continue
    const one: Indexed = { name, sha256: digest, bytes, ino: found.ino, mtimeMs: found.mtimeMs }
    await index.change((entries) => entries.set(name, one) !== undefined)
    const entry = one.sha256 === sha256 ? await lookAgain(library, one) : undefined
    if (entry) return entry
  }
  return undefined
}
