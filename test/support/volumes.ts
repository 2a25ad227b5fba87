/** Small volumes of their own, where this process may mount such; else undefined, and the reason is printed. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, rmdir, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Volume {
  readonly path: string
  unmount(): Promise<void>
}

export const tmpfsVolume = (bytes: number): Promise<Volume | undefined> =>
  mounted('tmpfs', async (path) => void (await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path])))

export async function btrfsVolume(): Promise<Volume | undefined> {
  const image = join(await mkdtemp(join(tmpdir(), 'image-')), 'btrfs')
  const volume = await mounted('btrfs', async (path) => {
    await writeFile(image, '')
    await truncate(image, 128 * 2 ** 20)
    await run('mkfs.btrfs', ['-q', image])
    await run('mount', ['-o', 'loop', image, path])
  })
  const removeImage = (): Promise<void> => rm(join(image, '..'), { recursive: true })
  if (!volume) await removeImage()
  return volume && { path: volume.path, unmount: () => volume.unmount().then(removeImage) }
}

async function mounted(kind: string, mount: (path: string) => Promise<void>): Promise<Volume | undefined> {
  const path = await mkdtemp(join(tmpdir(), 'volume-'))
  try {
    await mount(path)
  } catch (error) {
    process.stderr.write(`no ${kind} volume can be mounted here: ${error instanceof Error ? error.message.trim() : error}\n`)
    await rmdir(path)
    return undefined
  }
  return {
    path,
    async unmount() {
      await run('umount', [path])
      await rmdir(path)
    },
  }
}
