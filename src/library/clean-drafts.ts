/** What a crash left of putting files: drafts among the partials whose lock nobody holds, and drafts of the index. */
import { readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { removeDrafts } from '../platform/atomic-file.ts'
import { tryLock } from '../platform/kernel-lock.ts'
import { leftDrafts } from '../platform/place-file.ts'
import { tableLock } from '../platform/record-file.ts'

const draftName = /^(put-[0-9a-f]{24})\.draft$/

/** Throws nothing: a library that cannot be cleaned can be read. */
export async function cleanDrafts(partialsFolder: string, log: (message: string, error?: unknown) => void): Promise<void> {
  const hidden = dirname(partialsFolder)
  try {
    await underLock(hidden, tableLock, () => removeDrafts(hidden))
    for (const left of await leftDrafts(partialsFolder)) await left.remove()
    for (const name of await readdir(partialsFolder)) {
      const purpose = draftName.exec(name)?.[1]
      if (purpose !== undefined) await underLock(hidden, purpose, () => rm(join(partialsFolder, name), { force: true }))
    }
  } catch (error) {
    log('What a crash left in the library could not be removed', error)
  }
}

/** Nothing where somebody holds it: it is in use. */
async function underLock(folder: string, purpose: string, work: () => Promise<void>): Promise<void> {
  const lock = await tryLock(folder, purpose)
  if (!lock) return
  try {
    await work()
  } finally {
    await lock.release()
  }
}
