/** The temporary home of a demo, which removes those of earlier demos that were killed. */
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KernelLock, tryLock, waitForLock } from '../../platform/kernel-lock.ts'
import { homeIsFree } from '../../store/home-lock.ts'

const prefix = 'modelyard-demo-'
const homeName = new RegExp(`^${prefix}[A-Za-z0-9]{6}$`)
const purpose = 'demo'

export interface DemoHome {
  readonly path: string
  /** From then on the next demo may remove it. */
  leave(): Promise<void>
}

/** Demos begin one after the other: a home is never seen before its demo has its lock. */
export async function openDemoHome(signal: AbortSignal): Promise<DemoHome> {
  const turn = await waitForLock(tmpdir(), purpose, signal)
  try {
    await removeLeft(tmpdir())
    const path = await mkdtemp(join(tmpdir(), prefix))
    const lock = await tryLock(path, purpose)
    return { path, leave: async () => lock?.release() }
  } finally {
    await turn.release()
  }
}

/** Folders of ours by that name in which neither a demo nor its service runs. */
async function removeLeft(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch((): string[] => [])) {
    const path = join(folder, name)
    if (!homeName.test(name) || !(await isOurs(path))) continue
    const lock = await tryLock(path, purpose).catch(() => undefined)
    if (lock) await removeFree(path, lock)
  }
}

async function removeFree(path: string, lock: KernelLock): Promise<void> {
  try {
    if (await homeIsFree(path)) await rm(path, { recursive: true, force: true })
  } catch {
    // The next demo tries again.
  } finally {
    await lock.release()
  }
}

async function isOurs(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined)
  return found?.isDirectory() === true && (process.getuid === undefined || found.uid === process.getuid())
}
