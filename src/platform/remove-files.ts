/**
 * Removes files of one folder together: all of them or none, also over a crash. What is to go is written down first;
 * then each file moves into a hidden folder beside it, where it is looked at once more, and is deleted there. A failure
 * moves everything back. A crash leaves what was written down, and `finishRemovals` ends it.
 */
import { randomBytes } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, realpath, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { z } from 'zod'
import { ModelyardError } from '../contract/index.ts'
import { replaceFile } from './atomic-file.ts'
import { type PlainFile, sameFile } from './own-file.ts'

const journalName = /^\.modelyard-removal-([0-9a-f]{12})\.json$/
const journalSchema = z.array(z.object({ name: z.string().regex(/^[^/\\]+$/), dev: z.number(), ino: z.number() })).max(10_000)
type Journal = z.infer<typeof journalSchema>
const maxDepth = 5

/** All in one folder below the root. Afterwards folders that became empty are gone as well, the root is not. */
export async function removeFiles(root: string, files: readonly PlainFile[]): Promise<void> {
  const [first] = files
  if (!first) return
  const folder = dirname(first.path)
  if (files.some((one) => dirname(one.path) !== folder)) throw new TypeError('expected files of one folder')
  const id = randomBytes(6).toString('hex')
  const entries: Journal = files.map(({ path, dev, ino }) => ({ name: basename(path), dev, ino }))
  await replaceFile(journalOf(folder, id), JSON.stringify(entries)).catch(refused)
  try {
    await setAside(folder, id, entries)
  } catch (error) {
    await putBack(folder, id, entries)
    refused(error)
  }
  await deleteAside(folder, id)
  await removeEmptyFolders(root, folder)
}

/** Ends what a crash left below the root. A name that another file has taken since is left alone. */
export async function finishRemovals(root: string): Promise<void> {
  const top = await realpath(root).catch(() => undefined)
  if (top !== undefined) await finishBelow(top, top, 0)
}

async function finishBelow(root: string, folder: string, depth: number): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    if (entry.isDirectory() && !entry.name.startsWith('.') && depth < maxDepth) await finishBelow(root, join(folder, entry.name), depth + 1)
    const id = entry.isFile() ? journalName.exec(entry.name)?.[1] : undefined
    // What cannot be ended now is left for the next time.
    if (id !== undefined) await finishOne(root, folder, id).catch(() => undefined)
  }
}

async function finishOne(root: string, folder: string, id: string): Promise<void> {
  const written = journalSchema.safeParse(JSON.parse(await readFile(journalOf(folder, id), 'utf8')))
  if (!written.success) return
  const still: Journal = []
  for (const entry of written.data) if (await isStill(join(folder, entry.name), entry)) still.push(entry)
  await setAside(folder, id, still)
  await deleteAside(folder, id)
  await removeEmptyFolders(root, folder)
}

const journalOf = (folder: string, id: string): string => join(folder, `.modelyard-removal-${id}.json`)
const asideOf = (folder: string, id: string): string => join(folder, `.modelyard-removal-${id}`)

async function setAside(folder: string, id: string, entries: Journal): Promise<void> {
  await mkdir(asideOf(folder, id), { recursive: true, mode: 0o700 })
  for (const entry of entries) {
    const aside = join(asideOf(folder, id), entry.name)
    await rename(join(folder, entry.name), aside)
    if (!(await isStill(aside, entry))) throw new ModelyardError('conflict', `${entry.name} was replaced by another file meanwhile.`)
  }
}

const isStill = async (path: string, entry: Journal[number]): Promise<boolean> => {
  const found = await lstat(path).catch(() => undefined)
  return found?.isFile() === true && sameFile(found, entry)
}

async function putBack(folder: string, id: string, entries: Journal): Promise<void> {
  for (const { name } of entries) {
    const taken = await lstat(join(folder, name)).catch(() => undefined)
    if (!taken) await rename(join(asideOf(folder, id), name), join(folder, name)).catch(() => undefined)
  }
  await rm(journalOf(folder, id), { force: true })
  await rmdir(asideOf(folder, id)).catch(() => undefined)
}

async function deleteAside(folder: string, id: string): Promise<void> {
  await rm(asideOf(folder, id), { recursive: true, force: true })
  await rm(journalOf(folder, id), { force: true })
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
