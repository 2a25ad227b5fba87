/** Whole-file replacement: whoever reads sees the old bytes or the new ones, also after a crash. */
import { randomBytes } from 'node:crypto'
import { chmod, chown, lstat, mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

export interface WriteOptions {
  /** Of a new file; an existing one keeps its own. */
  readonly mode?: number
}

const temporary = /^\.(.+)\.[0-9a-f]{12}\.tmp$/

/** Writes beside the file, syncs, renames over it, syncs the folder. A link is followed: what it names is replaced. */
export async function replaceFile(path: string, data: string | Uint8Array, { mode = 0o600 }: WriteOptions = {}): Promise<void> {
  const target = await targetOf(path)
  const before = await stat(target).catch(() => undefined)
  const draft = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    await writeSynced(draft, data, before ? before.mode & 0o7777 : mode)
    if (before && process.getuid?.() === 0) await chown(draft, before.uid, before.gid)
    await renameOver(draft, target)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await syncFolder(dirname(target))
}

async function targetOf(path: string): Promise<string> {
  const found = await lstat(path).catch(() => undefined)
  return found?.isSymbolicLink() ? realpath(path) : path
}

async function writeSynced(path: string, data: string | Uint8Array, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(data)
    await file.sync()
  } finally {
    await file.close()
  }
  // The mask of the process may have taken bits away that the old file has.
  await chmod(path, mode)
}

/** Windows refuses for a moment while another program has the file open. */
export async function renameOver(from: string, to: string): Promise<void> {
  const attempts = process.platform === 'win32' ? 40 : 1
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await rename(from, to)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (attempt === attempts || (code !== 'EPERM' && code !== 'EACCES' && code !== 'EBUSY')) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/** What was made or renamed in it outlives a loss of power. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** A folder that only its owner may enter. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
}

/** Drafts that a killed process left behind. Only for folders that are ours, under their lock. */
export async function removeDrafts(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) if (temporary.test(name)) await rm(join(folder, name), { force: true })
}
