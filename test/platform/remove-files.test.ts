/** Many files go together or stay together, whenever the process is killed. */
import { spawn } from 'node:child_process'
import { mkdirSync, watch } from 'node:fs'
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tryLock } from '../../src/platform/kernel-lock.ts'
import { plainFile } from '../../src/platform/own-file.ts'
import { finishRemovals, removeFiles } from '../../src/platform/remove-files.ts'

const count = 400
const names = Array.from({ length: count }, (_, index) => `part-${index}.gguf`)

async function withFolder(run: (root: string, folder: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'modelyard-removal-'))
  const folder = join(root, 'lab')
  mkdirSync(folder)
  for (const name of names) await writeFile(join(folder, name), name)
  try {
    await run(root, folder)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

/** Removes everything in a process of its own, which is killed as soon as this many changes were seen. */
async function killedAfter(changes: number, root: string, folder: string): Promise<void> {
  const source = `
    const { plainFile } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/platform/own-file.ts'))})
    const { removeFiles } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/platform/remove-files.ts'))})
    const files = await Promise.all(${JSON.stringify(names)}.map((name) => plainFile(${JSON.stringify(root)}, ${JSON.stringify(folder)} + '/' + name)))
    await removeFiles(${JSON.stringify(root)}, files)`
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', source], { stdio: 'ignore' })
  let seen = 0
  const watcher = watch(folder, () => {
    seen += 1
    if (seen === changes) child.kill('SIGKILL')
  })
  await new Promise((resolve) => child.once('close', resolve))
  watcher.close()
}

const left = async (folder: string): Promise<string[]> => (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.gguf'))

describe('removing files together', () => {
  it('is whole or gone after a kill, once the next start has looked', async () => {
    for (const changes of [1, 4, 60, 500])
      await withFolder(async (root, folder) => {
        await killedAfter(changes, root, folder)
        await finishRemovals(root)
        expect([0, count]).toContain((await left(folder)).length)
        if ((await left(folder)).length === 0) expect(await readdir(root)).toEqual([])
      })
  })

  it('ends what was written down, but leaves a name that another file has taken', async () => {
    await withFolder(async (root, folder) => {
      const file = await plainFile(root, join(folder, 'part-0.gguf'))
      if (!('ino' in file)) throw new TypeError(file.why)
      const entries = [
        { name: 'part-0.gguf', dev: file.dev, ino: file.ino },
        { name: 'part-1.gguf', dev: file.dev, ino: file.ino },
      ]
      await writeFile(join(root, '.modelyard-removal-0123456789ab.json'), JSON.stringify({ folder: 'lab', files: entries }))
      await finishRemovals(root)
      const names = await readdir(folder)
      expect([names.includes('part-0.gguf'), names.includes('part-1.gguf'), names.length]).toEqual([false, true, count - 1])
    })
  })

  it('puts everything back when one of them is another file by then', async () => {
    await withFolder(async (root, folder) => {
      const [first, second] = await Promise.all([
        plainFile(root, join(folder, 'part-0.gguf')),
        plainFile(root, join(folder, 'part-1.gguf')),
      ])
      if (!('ino' in first) || !('ino' in second)) throw new TypeError('no files')
      await rm(second.path)
      await writeFile(second.path, 'another')
      await expect(removeFiles(root, [first, { ...second, ino: -1 }])).rejects.toMatchObject({ code: 'conflict' })
      expect(await left(folder)).toHaveLength(count)
      expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([])
    })
  })

  it('leaves neither an empty folder nor the beginning of a note behind, and what is being removed alone', async () => {
    await withFolder(async (root, folder) => {
      const entries = JSON.stringify({ folder: 'lab/tiny', files: [{ name: 'gone.gguf', dev: 1, ino: 1 }] })
      mkdirSync(join(folder, 'tiny'))
      await writeFile(join(root, '.modelyard-removal-0123456789ab.json'), entries)
      await writeFile(join(root, '..modelyard-removal-ba9876543210.json.0123456789ab.tmp'), entries.slice(9))
      const lock = await tryLock(root, 'removal-0123456789ab')
      await finishRemovals(root)
      expect(await readdir(root)).toEqual(['.modelyard-removal-0123456789ab.json', 'lab'])
      expect(await readdir(folder)).toContain('tiny')
      await lock?.release()
      await finishRemovals(root)
      expect(await readdir(root)).toEqual(['lab'])
      expect(await readdir(folder)).toHaveLength(count)
    })
  })

  it.each(['..', '../other', '/', 'link'])('never goes out of its root, whatever is written down: %s', async (where) => {
    await withFolder(async (root, folder) => {
      const inside = join(root, 'models')
      mkdirSync(inside)
      await symlink(folder, join(inside, 'link'))
      await symlink(folder, join(root, 'other'))
      const file = await plainFile(root, join(folder, 'part-0.gguf'))
      if (!('ino' in file)) throw new TypeError(file.why)
      const written = where === '/' ? folder : where
      const files = [{ name: written === '..' ? 'lab' : 'part-0.gguf', dev: file.dev, ino: file.ino }]
      await writeFile(join(inside, '.modelyard-removal-0123456789ab.json'), JSON.stringify({ folder: written, files }))
      await finishRemovals(inside)
      expect(await left(folder)).toHaveLength(count)
    })
  })
})
