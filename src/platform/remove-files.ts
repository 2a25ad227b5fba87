/**
 * Removes files of one folder together: all of them or none, also over a crash. What is to go is written down first, at
 * the root; then each file moves into a hidden folder beside it, where it is looked at once more, and is deleted there. A
 * failure moves everything back. A crash leaves what was written down, and `finishRemovals` ends it; a lock of the kernel
 * tells it what is being removed just now.
 */
import { randomBytes } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, realpath, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { z } from 'zod'
import { ModelyardError } from '../contract/index.ts'
import { replaceFile } from './atomic-file.ts'
import { tryLock } from './kernel-lock.ts'
import { type PlainFile, sameFile } from './own-file.ts'

const journalName = /^\.modelyard-removal-([0-9a-f]{12})\.json$/
const draftName = /^\.\.modelyard-removal-([0-9a-f]{12})\.json\.[0-9a-f]{12}\.tmp$/
const journalEntry = z.object({ name: z.string().regex(/^[^/\\]+$/), dev: z.number(), ino: z.number() })
const journalSchema = z.object({
  /** From the root. */
  folder: z.string(),
  files: z.array(journalEntry).max(10_000),
})
type Entry = z.infer<typeof journalEntry>

interface Removal {
  /** Their real paths. */
  readonly root: string
  readonly folder: string
  readonly id: string
  readonly entries: readonly Entry[]
}

/** All in one folder below the root. Afterwards folders that became empty are gone as well, the root is not. */
export async function removeFiles(root: string, files: readonly PlainFile[]): Promise<void> {
  const [first] = files
  if (!first) return
  const folder = dirname(first.path)
  if (files.some((one) => dirname(one.path) !== folder)) throw new TypeError('expected files of one folder')
  const entries = files.map(({ path, dev, ino }) => ({ name: basename(path), dev, ino }))
  const removal: Removal = { root: await realpath(root), folder, id: randomBytes(6).toString('hex'), entries }
  await underLock(removal.root, removal.id, () => removeNow(removal))
}

async function removeNow(removal: Removal): Promise<void> {
  const { root, folder, entries } = removal
  await replaceFile(journalOf(removal), JSON.stringify({ folder: relative(root, folder), files: entries })).catch(refused)
  try {
    await setAside(removal)
  } catch (error) {
    await putBack(removal)
    refused(error)
  }
  await deleteAside(removal)
}

/** Ends what a crash left below the root. A name that another file has taken since is left alone. */
export async function finishRemovals(root: string): Promise<void> {
  const top = await realpath(root).catch(() => undefined)
  if (top === undefined) return
  for (const name of await readdir(top).catch((): string[] => [])) {
    const id = journalName.exec(name)?.[1]
    // What cannot be ended now is left for the next time.
    if (id !== undefined) await underLock(top, id, () => finishOne(top, id)).catch(() => undefined)
    const begun = draftName.exec(name)?.[1]
    if (begun !== undefined) await underLock(top, begun, () => rm(join(top, name), { force: true })).catch(() => undefined)
  }
}

/** Nothing where somebody holds it: it is being removed. */
async function underLock(root: string, id: string, work: () => Promise<void>): Promise<void> {
  const lock = await tryLock(root, `removal-${id}`)
  await (lock && work().finally(() => lock.release()))
}

async function finishOne(root: string, id: string): Promise<void> {
  const written = journalSchema.safeParse(JSON.parse(await readFile(journalOf({ root, id }), 'utf8')))
  if (!written.success) return
  const folder = resolve(root, written.data.folder)
  if (!(await isOwnFolder(root, folder))) return
  const entries: Entry[] = []
  for (const entry of written.data.files) if (await isStill(join(folder, entry.name), entry)) entries.push(entry)
  const removal: Removal = { root, folder, id, entries }
  if (entries.length > 0) await setAside(removal)
  await deleteAside(removal)
}

/** Below the root and reached by no link; gone already is well. */
async function isOwnFolder(root: string, folder: string): Promise<boolean> {
  if (folder !== root && !folder.startsWith(root + sep)) return false
  const real = await realpath(folder).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? folder : undefined))
  return real === folder
}

const journalOf = ({ root, id }: Pick<Removal, 'root' | 'id'>): string => join(root, `.modelyard-removal-${id}.json`)
const asideOf = ({ folder, id }: Removal): string => join(folder, `.modelyard-removal-${id}`)

async function setAside(removal: Removal): Promise<void> {
  await mkdir(asideOf(removal), { recursive: true, mode: 0o700 })
  for (const entry of removal.entries) {
    const aside = join(asideOf(removal), entry.name)
    await rename(join(removal.folder, entry.name), aside)
    if (!(await isStill(aside, entry))) throw new ModelyardError('conflict', `${entry.name} was replaced by another file meanwhile.`)
  }
}

const isStill = async (path: string, entry: Entry): Promise<boolean> => {
  const found = await lstat(path).catch(() => undefined)
  return found?.isFile() === true && sameFile(found, entry)
}

async function putBack(removal: Removal): Promise<void> {
  for (const { name } of removal.entries) {
    const taken = await lstat(join(removal.folder, name)).catch(() => undefined)
    if (!taken) await rename(join(asideOf(removal), name), join(removal.folder, name)).catch(() => undefined)
  }
  await rmdir(asideOf(removal)).catch(() => undefined)
  await rm(journalOf(removal), { force: true })
}

/** What was written down goes last: so that a crash leaves no empty folder either. */
async function deleteAside(removal: Removal): Promise<void> {
  await rm(asideOf(removal), { recursive: true, force: true })
  await removeEmptyFolders(removal.root, removal.folder)
  await rm(journalOf(removal), { force: true })
}

/** The folder and those above it, as long as they are empty; never the root. */
export async function removeEmptyFolders(root: string, folder: string): Promise<void> {
  const top = await realpath(root)
  for (let at = folder; at.startsWith(top + sep); at = dirname(at)) {
    const gone = await rmdir(at).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
    )
    if (!gone) return
  }
}

function refused(error: unknown): never {
  if (ModelyardError.is(error)) throw error
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason'
  throw new ModelyardError('conflict', `The files could not be removed (${code}); all of them are still there.`, {
    cause: error,
    retryable: false,
    hint: 'Look at who owns them, and whether a program has them open.',
  })
}
