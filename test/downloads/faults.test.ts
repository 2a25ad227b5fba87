/** What goes wrong on the way, on real sockets: the bytes are right or the error says why, and little is fetched twice. */
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { createDownloads } from '../../src/downloads/create-downloads.ts'
import type { DownloadProgress, Downloads } from '../../src/downloads/downloads.ts'
import { type CdnFault, cdnSha256, type FakeCdn, fakeCdn } from '../../src/testing/index.ts'

const bytes = 6 * 2 ** 20 + 12_345
const sha256 = cdnSha256(bytes)
const limits = { stallMs: 150, pauseMs: [1, 5] as const, diskMs: 5, wholeBytes: 0, reportMs: 5 }
const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const one of cleanUp.splice(0).reverse()) await one()
})

async function setUp(faults: readonly CdnFault[], usesPerLink?: number): Promise<{ cdn: FakeCdn; downloads: Downloads; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'downloads-'))
  cleanUp.push(() => rm(folder, { recursive: true }))
  const cdn = await fakeCdn({ bytes, faults, ...(usesPerLink !== undefined && { usesPerLink }) })
  cleanUp.push(() => cdn.close())
  const downloads = createDownloads({ folder, connections: 4, log: () => undefined, limits })
  cleanUp.push(() => downloads.close())
  return { cdn, downloads, folder }
}

const get = (downloads: Downloads, cdn: FakeCdn, seen: DownloadProgress[] = [], digest = sha256): Promise<{ path: string }> =>
  downloads.fetch(
    { sha256: digest, bytes, gguf: true, resolve: async () => ({ url: cdn.sign(), headers: {}, etag: 'one' }) },
    { signal: new AbortController().signal, onProgress: (progress) => void seen.push(progress) },
  )

const hashOf = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex')

/** At most so many times its size is served; undefined where the kernel of a cut connection decides what is thrown away. */
it.each<[string, CdnFault[], number | undefined, number?]>([
  ['nothing', [], 1],
  ['resets four times', [{ kind: 'reset', after: 500_000, times: 4 }], undefined],
  ['resets every time', [{ kind: 'reset', after: 700_000 }], undefined],
  ['early end', [{ kind: 'early-end', after: 500_000, times: 4 }], undefined],
  ['chunked and cut', [{ kind: 'chunked-cut', after: 500_000, times: 4 }], undefined],
  ['range ignored', [{ kind: 'range-ignored' }], 3],
  ['object changes', [{ kind: 'changed', times: 1 }], 3],
  ['503 bursts', [{ kind: 'busy', times: 4 }], 1],
  ['429 with Retry-After', [{ kind: 'busy', status: 429, retryAfter: '0', times: 8 }], 1],
  ['signature expires', [], 1, 1],
  ['stall', [{ kind: 'stall', after: 300_000, times: 2 }], undefined],
  ['corrupt byte', [{ kind: 'corrupt', times: 1 }], 2.1],
  ['HTML in place of it', [{ kind: 'html', times: 2 }], 1],
  ['wrong Content-Range', [{ kind: 'wrong-range', times: 2 }], undefined],
  ['extra bytes', [{ kind: 'extra', times: 2 }], undefined],
  ['no bytes', [{ kind: 'empty', times: 2 }], 1],
  ['pinned range', [{ kind: 'range-pinned', times: 2 }], 1],
])('survives: %s', async (_, faults, most, usesPerLink) => {
  const { cdn, downloads } = await setUp(faults, usesPerLink)
  const seen: DownloadProgress[] = []
  const { path } = await get(downloads, cdn, seen)
  expect(await hashOf(path)).toBe(sha256)
  expect(await downloads.have(sha256)).toBe(bytes)
  expect(seen.at(-1)?.bytesDone).toBe(bytes)
  expect(cdn.leaks).toBe(0)
  if (most !== undefined) expect(cdn.bytesServed / bytes).toBeLessThanOrEqual(most)
})

it('a wrong promise ends with both digests after one fresh attempt', async () => {
  const { cdn, downloads } = await setUp([])
  const expected = 'a'.repeat(64)
  await expect(get(downloads, cdn, [], expected)).rejects.toMatchObject({ code: 'hash_mismatch', details: { expected, actual: sha256 } })
  expect(cdn.bytesServed).toBe(2 * bytes)
})

it.each<CdnFault['kind']>(['range-pinned', 'empty', 'wrong-range'])('gives up after six tries when %s never ends', async (kind) => {
  const { cdn, downloads } = await setUp([{ kind }])
  await expect(get(downloads, cdn)).rejects.toMatchObject({ code: 'hub_protocol' })
  expect(cdn.requests).toBeLessThanOrEqual(2 * 6)
})

it.each<[CdnFault['kind'], string]>([
  ['html', 'network'],
  ['busy', 'rate-limit'],
])('waits without end while there is only %s, and says for what: %s', async (kind, reason) => {
  const { cdn, downloads } = await setUp([{ kind, times: 30 }])
  const seen: DownloadProgress[] = []
  expect(await hashOf((await get(downloads, cdn, seen)).path)).toBe(sha256)
  expect(cdn.bytesServed).toBe(bytes)
  expect(new Set(seen.map(({ waitingFor }) => waitingFor))).toContain(reason)
})

it('two that want the same bytes share one download; one leaving does not end it', async () => {
  const { cdn, downloads } = await setUp([])
  const leaving = new AbortController()
  const file = { sha256, bytes, gguf: true, resolve: async () => ({ url: cdn.sign(), headers: {}, etag: 'one' }) }
  const left = downloads.fetch(file, { signal: leaving.signal, onProgress: () => leaving.abort() })
  const [, stayed] = await Promise.allSettled([left, get(downloads, cdn)])
  expect(stayed.status).toBe('fulfilled')
  await expect(left).rejects.toMatchObject({ code: 'cancelled' })
  expect([cdn.bytesServed, cdn.links]).toEqual([bytes, 1])
})

it('a rotten partial is repaired, a whole one is not fetched again', async () => {
  const { cdn, downloads } = await setUp([])
  const { path } = await get(downloads, cdn)
  const rotten = await readFile(path)
  rotten[2 ** 20 + 5] = (rotten[2 ** 20 + 5] ?? 0) ^ 1
  await writeFile(path, rotten)
  expect(await hashOf((await get(downloads, cdn)).path)).toBe(sha256)
  expect(cdn.bytesServed).toBe(bytes + 2 ** 20)
  await get(downloads, cdn)
  expect(cdn.bytesServed).toBe(bytes + 2 ** 20)
})

it('does not write through a symbolic link', async () => {
  const { cdn, downloads, folder } = await setUp([])
  await writeFile(join(folder, 'victim'), 'mine')
  await symlink(join(folder, 'victim'), join(folder, `${sha256}.part`))
  await expect(get(downloads, cdn)).rejects.toMatchObject({ code: 'internal' })
  expect(await readFile(join(folder, 'victim'), 'utf8')).toBe('mine')
})
