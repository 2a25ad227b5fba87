/** Two files become one, or nothing happens: never other bytes under a name, not even for an instant. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, link, lstat, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { leftTwins, makeOneFile } from '../../src/platform/make-one-file.ts'
import { sameBytes, sampleOf } from '../../src/platform/same-bytes.ts'
import { btrfsVolume, smallVolume } from '../support/other-volume.ts'

const { signal } = new AbortController()
const bytes = 3 * 2 ** 20 + 17
let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'twins-')))
})
afterEach(() => rm(folder, { recursive: true }))

async function write(path: string, change?: number): Promise<string> {
  const data = Buffer.alloc(bytes, 'weights')
  if (change !== undefined) data[change] = 0
  await writeFile(path, data)
  return path
}
const two = async (change?: number, where = folder): Promise<{ keep: string; drop: string }> => ({
  keep: await write(join(where, 'keep.gguf')),
  drop: await write(join(where, 'drop.gguf'), change),
})

it('both names mean one file then; who has the old one open keeps it', async () => {
  const twins = await two()
  await chmod(twins.keep, 0o444)
  const { ino, mtimeMs } = await stat(twins.keep)
  await makeOneFile({ ...twins, signal })
  expect(await stat(twins.drop)).toMatchObject({ ino, mtimeMs, nlink: 2 })
  await makeOneFile({ ...twins, signal })
  expect((await readdir(folder)).sort()).toEqual(['drop.gguf', 'keep.gguf'])
})

it.each([0, 2 ** 20, bytes - 1])('a difference at %i keeps them apart', async (change) => {
  const twins = await two(change)
  const { ino } = await stat(twins.drop)
  expect(await sameBytes(twins.keep, twins.drop, signal)).toBe(false)
  await expect(makeOneFile({ ...twins, signal })).rejects.toMatchObject({ code: 'conflict' })
  expect((await stat(twins.drop)).ino).toBe(ino)
  expect((await readdir(folder)).sort()).toEqual(['drop.gguf', 'keep.gguf'])
})

it('links, folders, other sizes, other volumes and what is gone are left alone', async ({ skip }) => {
  const { keep, drop } = await two()
  const linked = join(folder, 'linked')
  await symlink(drop, linked)
  await mkdir(join(folder, 'folder'))
  await symlink(folder, join(folder, 'way'))
  await writeFile(join(folder, 'short'), 'weights')
  for (const other of [linked, join(folder, 'folder'), join(folder, 'gone'), join(folder, 'short'), join(folder, 'way/drop.gguf')])
    await expect(makeOneFile({ keep, drop: other, signal })).rejects.toMatchObject({ code: 'conflict' })
  await using volume = await smallVolume(2 ** 23)
  if (!volume) return skip()
  const far = await write(join(await realpath(volume.folder), 'far'))
  await expect(makeOneFile({ keep, drop: far, signal })).rejects.toMatchObject({ code: 'conflict' })
})

it('where blocks can be shared it stays a file of its own, with its mode, and costs nothing', async ({ skip }) => {
  await using volume = await btrfsVolume()
  if (!volume) return skip()
  const { keep, drop } = await two(undefined, await realpath(volume.folder))
  await chmod(drop, 0o640)
  await utimes(keep, 1_700_000_000, 1_700_000_000)
  const { ino } = await stat(keep)
  await makeOneFile({ keep, drop, signal })
  const made = await stat(drop)
  expect([made.ino === ino, made.mode & 0o777, made.mtimeMs, made.nlink]).toEqual([false, 0o640, 1_700_000_000_000, 1])
  expect(await sameBytes(keep, drop, signal)).toBe(true)
})

it('samples tell files apart that differ at an end, and an abort ends the comparing', async () => {
  const { keep, drop } = await two(bytes - 1)
  expect(await sampleOf(keep, bytes)).not.toBe(await sampleOf(drop, bytes))
  await write(drop)
  expect(await sampleOf(keep, bytes)).toBe(await sampleOf(drop, bytes))
  await expect(makeOneFile({ keep, drop, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
})

it('killed at any instant it leaves the same bytes under both names, and at most a second name beside', async () => {
  const program = `
    const { makeOneFile } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/platform/make-one-file.ts'))})
    const { copyFile } = await import('node:fs/promises')
    for (let round = 0; ; round += 1) {
      await copyFile(process.argv[1] + '/keep.gguf', process.argv[1] + '/next')
      await (await import('node:fs/promises')).rename(process.argv[1] + '/next', process.argv[1] + '/drop.gguf')
      process.stdout.write('round\\n')
      await makeOneFile({ keep: process.argv[1] + '/keep.gguf', drop: process.argv[1] + '/drop.gguf', signal: new AbortController().signal })
      process.stdout.write('done\\n')
    }`
  const { keep, drop } = await two()
  for (const killAt of [1, 2, 3, 4, 7, 12]) {
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', program, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const closed = once(child, 'close')
    let lines = 0
    for await (const _ of createInterface(child.stdout)) {
      lines += 1
      if (lines >= killAt) child.kill('SIGKILL')
    }
    await closed
    expect(await sameBytes(keep, drop, signal)).toBe(true)
    for (const path of await leftTwins(folder)) expect((await lstat(path)).ino).toBe((await lstat(keep)).ino)
  }
  await makeOneFile({ keep, drop, signal })
  expect([await leftTwins(folder), (await readFile(drop)).length]).toEqual([[], bytes])
})

it('a name that was left by a crash is in nobody’s way', async () => {
  const twins = await two()
  await makeOneFile({ ...twins, signal })
  const other = await write(join(folder, 'third.gguf'))
  await link(other, join(folder, '.modelyard-twin-0123456789ab.part'))
  expect(await leftTwins(folder)).toEqual([join(folder, '.modelyard-twin-0123456789ab.part')])
})
