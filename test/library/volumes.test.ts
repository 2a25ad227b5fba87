/** On volumes of their own: full, shared blocks, another one than the source's. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, lstat, mkdtemp, readdir, readFile, realpath, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLibrary } from '../../src/library/create-library.ts'
import type { NewFile } from '../../src/library/library-store.ts'
import { btrfsVolume, smallVolume, type Volume } from '../support/other-volume.ts'

let base: string
let volume: Volume | undefined
const context = { signal: new AbortController().signal }
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'library-')))
  volume = undefined
})
afterEach(async () => {
  await volume?.[Symbol.asyncDispose]()
  await rm(base, { recursive: true })
})

async function source(folder: string, bytes: number, fill = 'weights'): Promise<NewFile> {
  const data = Buffer.alloc(bytes, fill)
  const from = join(folder, 'source')
  await writeFile(from, data)
  return { from, repo: 'Qwen/Qwen3-GGUF', file: 'a.gguf', sha256: createHash('sha256').update(data).digest('hex'), bytes }
}

it('a full volume is said and left as it was', async ({ skip }) => {
  volume = await smallVolume(2 ** 20)
  if (!volume) return skip()
  const library = await createLibrary({ folder: join(volume.folder, 'library'), log: () => undefined })
  const file = await source(base, 3 * 2 ** 20)
  const before = await statfs(volume.folder)
  for (const how of ['link', 'move'] as const) await expect(library.put(file, how, context)).rejects.toMatchObject({ code: 'disk_full' })
  expect([await readdir(library.folder), await readdir(library.partialsFolder)]).toEqual([['.modelyard'], []])
  expect((await statfs(volume.folder)).bfree).toBeGreaterThanOrEqual(before.bfree - 2)
  expect(await readFile(file.from)).toHaveLength(file.bytes)
})

it('from another volume it is copied with progress, and an abort leaves nothing', async ({ skip }) => {
  volume = await smallVolume(64 * 2 ** 20)
  if (!volume) return skip()
  const library = await createLibrary({ folder: join(base, 'library'), log: () => undefined })
  const file = await source(volume.folder, 9 * 2 ** 20)
  const leaving = new AbortController()
  const onProgress = (done: number): void => (done > 0 ? leaving.abort() : undefined)
  await expect(library.put(file, 'move', { signal: leaving.signal, onProgress })).rejects.toMatchObject({ code: 'cancelled' })
  expect([await readdir(library.folder), await readdir(library.partialsFolder)]).toEqual([['.modelyard'], []])
  const told: number[] = []
  const { path } = await library.put(file, 'move', { ...context, onProgress: (done) => void told.push(done) })
  expect(told).toEqual(Array.from({ length: 9 }, (_, index) => (index + 1) * 2 ** 20))
  expect((await readFile(path)).equals(Buffer.alloc(file.bytes, 'weights'))).toBe(true)
  await expect(lstat(file.from)).rejects.toMatchObject({ code: 'ENOENT' })
})

it('where blocks can be shared a link is a reflink: its own file, no second bytes', async ({ skip }) => {
  volume = await btrfsVolume()
  if (!volume) return skip()
  const library = await createLibrary({ folder: join(volume.folder, 'library'), log: () => undefined })
  const file = await source(volume.folder, 16 * 2 ** 20)
  await chmod(file.from, 0o640)
  const { path } = await library.put(file, 'link', context)
  const [made, from] = await Promise.all([lstat(path), lstat(file.from)])
  expect([made.ino === from.ino, made.nlink, made.mode & 0o777, from.mode & 0o777]).toEqual([false, 1, 0o444, 0o640])
  expect(await sharedBytes(volume.folder)).toBe(file.bytes)
  await writeFile(file.from, 'changed by its owner')
  expect(
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex'),
  ).toBe(file.sha256)
  expect((await library.find(file.sha256))?.path).toBe(path)
})

/** Bytes that more than one file holds. */
async function sharedBytes(path: string): Promise<number> {
  const { stdout } = await promisify(execFile)('btrfs', ['filesystem', 'du', '--raw', '-s', path])
  return Number(stdout.trim().split('\n').at(-1)?.trim().split(/\s+/)[2])
}
