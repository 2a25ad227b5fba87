/** What lies on the disk and what is believed of it: after a kill, after another boot, with a disk that fails. */

import { writeSync } from 'node:fs'
import { mkdtemp, open, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { blockBytes, decodeJournal, encodeHeader, headerBytes } from '../../src/downloads/journal.ts'
import { journalPath, openPartial, type PartialOptions, partPath } from '../../src/downloads/partial.ts'

const file = { sha256: 'cd'.repeat(32), bytes: 5 * blockBytes + 9 }
const never = { markBytes: Number.POSITIVE_INFINITY, markMs: Number.POSITIVE_INFINITY }
const block = (fill: number, bytes = blockBytes): Buffer => Buffer.alloc(bytes, fill)
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'downloads-'))
})
afterEach(() => rm(folder, { recursive: true }))

const journal = async (): Promise<ReturnType<typeof decodeJournal>> => decodeJournal(await readFile(journalPath(folder, file.sha256)))

/** Writes these blocks and leaves the rest as a kill would. */
async function written(blocks: readonly number[], options: PartialOptions = never): Promise<void> {
  const partial = await openPartial(folder, file, options)
  for (const one of blocks) partial.write(one, block(one + 1, Math.min(blockBytes, file.bytes - one * blockBytes)))
  await partial.close()
}

async function damage(path: string, at: number): Promise<void> {
  const opened = await open(path, 'r+')
  const { buffer } = await opened.read(Buffer.alloc(1), 0, 1, at)
  await opened.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, at)
  await opened.close()
}

async function asOfAnotherBoot(): Promise<void> {
  const header = (await journal())?.header
  if (!header) throw new Error('no journal')
  const opened = await open(journalPath(folder, file.sha256), 'r+')
  await opened.write(encodeHeader({ ...header, boot: (header.boot ^ 1) >>> 0 }), 0, headerBytes, 0)
  await opened.close()
}

it('knows after a kill what was written, of which object, and the last short block', async () => {
  const first = await openPartial(folder, file, never)
  first.setPin('00000000deadbeef')
  await first.close()
  await written([4, 5, 0])
  const again = await openPartial(folder, file, never)
  expect([[...again.blocks.keys()], again.bytesDone(), again.pin]).toEqual([[4, 5, 0], 2 * blockBytes + 9, '00000000deadbeef'])
  expect((await stat(again.path)).size).toBe(file.bytes)
  await again.close()
})

it('after another boot checks what no marker vouches for, and only that', async () => {
  const partial = await openPartial(folder, file, never)
  partial.write(0, block(1))
  await partial.sync()
  for (const one of [1, 2, 3]) partial.write(one, block(one + 1))
  await partial.close()
  // A loss of power: what was not synced is not what was written. What was is believed, whatever lies there.
  for (const one of [0, 2]) await damage(partPath(folder, file.sha256), one * blockBytes + 77)
  await asOfAnotherBoot()
  const again = await openPartial(folder, file, never)
  expect([...again.blocks.keys()]).toEqual([0, 1, 3])
  expect((await journal())?.unsure.size).toBe(0)
  expect(await again.sweep()).toEqual([0])
  await again.close()
})

it.each<[string, PartialOptions, number]>([
  ['bytes', { ...never, markBytes: 2 * blockBytes }, 2],
  ['time', { ...never, markMs: 0 }, 1],
])('a marker is written after so much %s, in the background', async (_, options, after) => {
  const partial = await openPartial(folder, file, options)
  for (let one = 0; one < after; one += 1) partial.write(one, block(one))
  await partial.close()
  expect([(await journal())?.blocks.size, (await journal())?.unsure.size]).toEqual([after, 0])
})

it.each<[string, (path: string) => Promise<unknown>]>([
  ['a journal of another file', (path) => writeFile(`${path}.journal`, encodeHeader({ ...file, sha256: 'ef'.repeat(32), boot: 1 }))],
  ['a journal of another size', (path) => writeFile(`${path}.journal`, encodeHeader({ ...file, bytes: 7, boot: 1 }))],
  ['an empty journal', (path) => writeFile(`${path}.journal`, '')],
  ['a part that was cut', (path) => writeFile(path, 'short')],
])('begins anew: %s', async (_, spoil) => {
  await written([0, 1])
  await spoil(partPath(folder, file.sha256))
  const again = await openPartial(folder, file, never)
  expect([again.blocks.size, again.bytesDone(), (await stat(again.path)).size]).toEqual([0, 0, file.bytes])
  await again.close()
})

it('a write that fails tells nothing, at data or record, and the next goes to the same place', async () => {
  let fail = 0
  const write = ((...args: Parameters<typeof writeSync>) => {
    if (fail > 0 && --fail === 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
    return writeSync(...args)
  }) as typeof writeSync
  const partial = await openPartial(folder, file, { ...never, write })
  for (const nth of [1, 2]) {
    fail = nth
    expect(() => partial.write(nth, block(nth))).toThrow('full')
    expect([partial.blocks.has(nth), (await journal())?.blocks.has(nth)]).toEqual([false, false])
    partial.write(nth, block(nth))
  }
  await partial.close()
  expect([...((await journal())?.blocks.keys() ?? [])]).toEqual([1, 2])
})

it('writes whole blocks where the system takes only part at once', async () => {
  const write = ((fd: number, data: Buffer, from: number, bytes: number, at: number) =>
    writeSync(fd, data, from, Math.ceil(bytes / 3), at)) as typeof writeSync
  await written([0, 1], { ...never, write })
  const again = await openPartial(folder, file, never)
  expect([await again.sweep(), again.blocks.size]).toEqual([[], 2])
  await again.close()
})

it.each(['.part', '.part.journal'])('does not write through a symbolic link in place of its %s', async (name) => {
  await writeFile(join(folder, 'victim'), 'mine')
  await symlink(join(folder, 'victim'), join(folder, `${file.sha256}${name}`))
  await expect(openPartial(folder, file, never)).rejects.toMatchObject({ code: 'ELOOP' })
  expect(await readFile(join(folder, 'victim'), 'utf8')).toBe('mine')
})
