/** Other volumes: a small tmpfs, and a Btrfs in a file, where this machine lets us mount them. */
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, rmdir, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Volume extends AsyncDisposable {
  readonly folder: string
}

/** Undefined, with the reason printed, where it cannot be had. */
export async function smallVolume(bytes: number): Promise<Volume | undefined> {
  return mounted((folder) => run('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=777`, 'tmpfs', folder]))
}

export async function btrfsVolume(): Promise<Volume | undefined> {
  const image = join(await mkdtemp(join(tmpdir(), 'modelyard-image-')), 'image')
  const done = (): Promise<void> => rm(join(image, '..'), { recursive: true, force: true })
  try {
    await writeFile(image, '')
    await truncate(image, 128 * 1024 * 1024)
    await run('mkfs.btrfs', ['-q', image])
  } catch (error) {
    return done().then(() => unavailable(error))
  }
  const volume = await mounted((folder) => run('mount', ['-o', 'loop', image, folder]))
  if (!volume) return done().then(() => undefined)
  await chmod(volume.folder, 0o777)
  return {
    folder: volume.folder,
    async [Symbol.asyncDispose]() {
      await volume[Symbol.asyncDispose]()
      await done()
    },
  }
}

async function mounted(mount: (folder: string) => Promise<void>): Promise<Volume | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'modelyard-volume-'))
  try {
    await mount(folder)
  } catch (error) {
    await rmdir(folder)
    return unavailable(error)
  }
  return {
    folder,
    async [Symbol.asyncDispose]() {
      await run('umount', ['-l', folder])
      await rmdir(folder)
    },
  }
}

function unavailable(error: unknown): undefined {
  process.stderr.write(`skipped, no such volume here: ${error instanceof Error ? error.message.trim() : String(error)}\n`)
}

const run = (command: string, args: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => execFile(command, args, (error) => (error ? reject(error) : resolve())))
