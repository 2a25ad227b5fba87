/** Hashes are those of the bytes as they are, computed once for each state of a file. */
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFileHashes } from '../../src/library/hashes.ts'
import type { FileHashes } from '../../src/library/library-store.ts'

let folder: string
let hashes: FileHashes
const context = { signal: new AbortController().signal }
const create = (): FileHashes => createFileHashes({ cacheFile: join(folder, 'cache/hashes.json'), log: () => undefined })
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hashes-'))
  hashes = create()
})
afterEach(async () => {
  await hashes.close()
  await rm(folder, { recursive: true })
})

const hashOf = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex')

/** Last written a while ago. */
async function older(name: string, data: Uint8Array, seconds = 1_700_000_000): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, data)
  await utimes(path, seconds, seconds)
  return path
}

it.each([0, 1, 2 ** 20, 2 ** 20 + 1, 3 * 2 ** 20 + 17])('of %i bytes', async (bytes) => {
  const data = Buffer.alloc(bytes, 'weights')
  const path = await older('a', data)
  expect(await hashes.known(path)).toBeUndefined()
  expect(await hashes.of(path, context)).toBe(hashOf(data))
  expect(await hashes.known(path)).toBe(hashOf(data))
})

it('are remembered over a restart, by another name too, and not over a change', async () => {
  const path = await older('a', Buffer.from('weights'))
  const digest = await hashes.of(path, context)
  await hashes.close()
  hashes = create()
  expect(await hashes.known(path)).toBe(digest)
  await older('a', Buffer.from('WEIGHTS'), 1_700_000_001)
  expect(await hashes.known(path)).toBeUndefined()
  expect(await hashes.of(path, context)).toBe(hashOf(Buffer.from('WEIGHTS')))
})

it('are not remembered of what was written just now: the next write may leave the same mtime', async () => {
  const path = await older('a', Buffer.from('weights'), Date.now() / 1000 + 60)
  expect(await hashes.of(path, context)).toBe(hashOf(Buffer.from('weights')))
  expect(await hashes.known(path)).toBeUndefined()
})

it('two that share one table lose nothing of each other', async () => {
  const other = create()
  const paths = await Promise.all(['a', 'b', 'c', 'd'].map((name) => older(name, Buffer.from(name))))
  await Promise.all(paths.map((path, index) => (index % 2 ? other : hashes).of(path, context)))
  await Promise.all([other.close(), hashes.close()])
  hashes = create()
  expect(await Promise.all(paths.map(hashes.known))).toEqual(['a', 'b', 'c', 'd'].map((name) => hashOf(Buffer.from(name))))
})

it('progress is told, and one reading serves all who ask', async () => {
  const path = await older('big', Buffer.alloc(0))
  await truncate(path, 200 * 2 ** 20)
  await utimes(path, 1_700_000_000, 1_700_000_000)
  const told: number[] = []
  const onProgress = (done: number): void => void told.push(done)
  const [a, b] = await Promise.all([hashes.of(path, { ...context, onProgress }), hashes.of(path, context)])
  expect([a, told]).toEqual([b, [1, 2, 3].map((one) => one * 64 * 2 ** 20)])
})

it('whoever leaves is gone at once, and whoever stays gets it', async () => {
  const path = await older('big', Buffer.alloc(0))
  await truncate(path, 100 * 2 ** 20)
  const leaving = new AbortController()
  const left = hashes.of(path, { signal: leaving.signal })
  const stayed = hashes.of(path, context)
  leaving.abort()
  await expect(left).rejects.toMatchObject({ code: 'cancelled' })
  expect(await stayed).toMatch(/^[0-9a-f]{64}$/)
  const closed = hashes.of(await older('b', Buffer.alloc(3 * 2 ** 20)), context)
  await Promise.all([expect(closed).rejects.toMatchObject({ code: 'interrupted' }), hashes.close()])
})

it('what is no file is no model file, and a damaged cache says nothing', async () => {
  await expect(hashes.of(folder, context)).rejects.toMatchObject({ code: 'not_a_model_file' })
  await expect(hashes.of(join(folder, 'gone'), context)).rejects.toMatchObject({ code: 'not_a_model_file' })
  const path = await older('a', Buffer.from('weights'))
  await hashes.of(path, context)
  const cache = join(folder, 'cache/hashes.json')
  await writeFile(cache, (await readFile(cache, 'utf8')).replace(/[0-9a-f]{64}/, 'x'))
  hashes = create()
  expect(await hashes.known(path)).toBeUndefined()
})
