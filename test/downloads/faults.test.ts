/** What goes wrong on the way, on real sockets: the bytes are right or the error says why, and little is fetched twice. */
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ModelyardError } from '../../src/contract/index.ts'
import type { DownloadProgress } from '../../src/downloads/downloads.ts'
import { type CdnFault, cdnSha256 } from '../../src/testing/index.ts'
import { hashOf, setUp, waits } from './support/subject.ts'

const bytes = 6 * 2 ** 20 + 12_345
const sha256 = cdnSha256(bytes)

/** At most so many times its size is served; undefined where the kernel of a cut connection decides what is thrown away. */
it.each<[string, CdnFault[], number | undefined, number?]>([
  ['nothing', [], 1],
  ['resets four times', [{ kind: 'reset', after: 500_000, times: 4 }], undefined],
  ['resets every time', [{ kind: 'reset', after: 700_000 }], undefined],
  ['early end', [{ kind: 'early-end', after: 500_000 }], undefined],
  ['chunked and cut', [{ kind: 'chunked-cut', after: 500_000, times: 4 }], undefined],
  ['range ignored', [{ kind: 'range-ignored' }], 3],
  ['object changes', [{ kind: 'changed', times: 1 }], 3],
  ['503 bursts', [{ kind: 'busy', times: 40 }], 1],
  ['429 with Retry-After', [{ kind: 'busy', status: 429, retryAfter: '0', times: 40 }], 1],
  ['429 with a limit', [{ kind: 'busy', status: 429, headers: { ratelimit: '"resolvers";r=3;t=9' }, times: 40 }], 1],
  ['signature expires after each', [], 1, 1],
  ['stall', [{ kind: 'stall', after: 300_000, times: 2 }], undefined],
  ['corrupt byte', [{ kind: 'corrupt', times: 1 }], 2.1],
  ['HTML in place of it', [{ kind: 'html', times: 20 }], 1],
  ['a portal that leads away', [{ kind: 'busy', status: 302, headers: { location: 'http://portal.invalid/' }, times: 20 }], 1],
  ['gone for a while', [{ kind: 'busy', status: 404, times: 2 }], 1],
  ['it has less for a while', [{ kind: 'busy', status: 416, headers: { 'content-range': 'bytes */7' }, times: 2 }], 1],
  ['faults of its own', [{ kind: 'busy', status: 500, times: 2 }], 1],
  ['wrong Content-Range', [{ kind: 'wrong-range', times: 2 }], undefined],
  ['wrong total', [{ kind: 'wrong-total', times: 2 }], undefined],
  ['no Content-Range', [{ kind: 'no-range', times: 2 }], undefined],
  ['extra bytes', [{ kind: 'extra', times: 2 }], undefined],
  ['no bytes', [{ kind: 'empty', times: 2 }], 1],
  ['pinned range', [{ kind: 'range-pinned', times: 2 }], 1],
  ['kept connections that are closed', [{ kind: 'close-after' }], 1],
])('survives: %s', async (_, faults, most, usesPerLink) => {
  const stalls = faults.some(({ kind }) => kind === 'stall')
  const changes = stalls ? { limits: { stallMs: 200 } } : {}
  const { cdn, downloads, seen, get } = await setUp({ bytes, faults, ...(usesPerLink !== undefined && { usesPerLink }) }, changes)
  const { path } = await get()
  expect(await hashOf(path)).toBe(sha256)
  expect(await downloads.have(sha256)).toBe(bytes)
  expect(seen.at(-1)?.bytesDone).toBe(bytes)
  expect(cdn.leaks).toBe(0)
  if (most !== undefined) expect(cdn.bytesServed / bytes).toBeLessThanOrEqual(most)
})

/** Paced by the server, so that next to nothing lies in the buffers of a socket when it is cut. */
it.each<[string, CdnFault, number]>([
  ['four resets', { kind: 'reset', after: 4e6, times: 4 }, 1.01],
  ['a reset every 5 MB', { kind: 'reset', after: 5e6 }, 1.05],
  ['an early end every 5 MB', { kind: 'early-end', after: 5e6 }, 1.05],
])('%s: hardly a byte is fetched again', async (_, fault, most) => {
  const size = 32e6
  const { cdn, get } = await setUp({ bytes: size, faults: [fault], bytesPerSecond: 30e6 })
  expect(await hashOf((await get()).path)).toBe(cdnSha256(size))
  expect(cdn.bytesServed / size).toBeLessThanOrEqual(most)
})

it('a stall ends its own connection only', async () => {
  const faults: CdnFault[] = [{ kind: 'stall', after: 100_000, times: 1 }]
  const { cdn, get } = await setUp({ bytes, faults, bytesPerSecond: 10e6 }, { connections: 2, limits: { stallMs: 1500 } })
  expect(await hashOf((await get()).path)).toBe(sha256)
  expect(cdn.connections).toBe(3)
})

it('a stall ends the one connection that a server without ranges gets, too', async () => {
  const faults: CdnFault[] = [{ kind: 'range-ignored', times: 1 }, { kind: 'stall', after: 100_000, times: 1 }, { kind: 'range-ignored' }]
  const { get } = await setUp({ bytes, faults }, { connections: 1, limits: { stallMs: 200 } })
  expect(await hashOf((await get()).path)).toBe(sha256)
})

it('a folder that is removed meanwhile is told, not taken for a file', async () => {
  const { downloads, file, folder } = await setUp({ bytes, bytesPerSecond: 10e6 })
  let removed: Promise<void> | undefined
  const onProgress = ({ bytesDone }: DownloadProgress): void => {
    if (bytesDone > 0) removed ??= rm(folder, { recursive: true })
  }
  const running = downloads.fetch(file(), { signal: new AbortController().signal, onProgress })
  await expect(running).rejects.toMatchObject({ code: 'interrupted' })
  await removed
  await mkdir(folder)
})

it('a wrong promise ends with both digests after one fresh attempt, and nothing is kept as if it were right', async () => {
  const { cdn, downloads, get } = await setUp({ bytes })
  const expected = 'a'.repeat(64)
  await expect(get({ sha256: expected })).rejects.toMatchObject({ code: 'hash_mismatch', details: { expected, actual: sha256 } })
  expect([cdn.bytesServed, cdn.links, await downloads.have(expected)]).toEqual([2 * bytes, 2, 0])
})

it('what is no GGUF is known by its first bytes', async () => {
  const content = (start: number, end: number): Buffer => Buffer.alloc(end - start, 'a page')
  const { cdn, get } = await setUp({ bytes: 8 * 2 ** 20, content, bytesPerSecond: 10e6 }, { connections: 1 })
  await expect(get({ sha256: 'b'.repeat(64) })).rejects.toMatchObject({ code: 'hub_protocol', message: /no GGUF/ })
  expect(cdn.bytesServed).toBeLessThan(8 * 2 ** 20)
})

it.each<CdnFault>([
  { kind: 'range-pinned' },
  { kind: 'empty' },
  { kind: 'wrong-range' },
  { kind: 'changed' },
  { kind: 'busy', status: 404 },
  { kind: 'busy', status: 416 },
])('gives up after six tries when $kind ($status) never ends', async (fault) => {
  const { cdn, get } = await setUp({ bytes, faults: [fault] })
  await expect(get()).rejects.toMatchObject({ code: 'hub_protocol' })
  expect(cdn.requests).toBeLessThanOrEqual(4 * 6)
})

it('says what is wrong with a mirror that never says which part of the file it sends, and what to do', async () => {
  const { get } = await setUp({ bytes, faults: [{ kind: 'no-range' }] })
  await expect(get()).rejects.toMatchObject({ code: 'hub_protocol', message: /Content-Range is missing/, hint: /HF_ENDPOINT/ })
})

it.each<[string, CdnFault, string]>([
  ['HTML', { kind: 'html', times: 30 }, 'network'],
  ['a portal', { kind: 'busy', status: 307, times: 30 }, 'network'],
  ['503', { kind: 'busy', times: 30 }, 'rate-limit'],
])('%s costs nothing but time, and it says what it waits for', async (_, fault, reason) => {
  const { cdn, seen, get } = await setUp({ bytes, faults: [fault] })
  expect(await hashOf((await get()).path)).toBe(sha256)
  expect([cdn.bytesServed, [...new Set(waits(seen))]]).toEqual([bytes, [reason]])
})

it.each<[string, ModelyardError, string]>([
  ['made private', new ModelyardError('repo_not_found'), 'sign-in'],
  ['gated', new ModelyardError('gated'), 'sign-in'],
  ['a page of a portal at the Hub', new ModelyardError('hub_protocol'), 'network'],
  ['the Hub out of reach', new ModelyardError('hub_unreachable'), 'network'],
  ['too many questions', new ModelyardError('rate_limited', undefined, { details: { retryAfterMs: 1 } }), 'rate-limit'],
])('%s on the way: waits until it is over, no byte is lost', async (_, error, reason) => {
  const { cdn, seen, get } = await setUp({ bytes, usesPerLink: 2 }, { connections: 1 })
  let asked = 0
  const resolve = async (): Promise<{ url: string; headers: object & Record<string, string> }> => {
    asked += 1
    if (asked > 1 && asked < 12) throw error
    return { url: cdn.sign(), headers: {} }
  }
  expect(await hashOf((await get({ resolve })).path)).toBe(sha256)
  expect([cdn.bytesServed, waits(seen)[0]]).toEqual([bytes, reason])
})

it.each(['gated', 'repo_not_found'] as const)('%s before the first byte is told', async (code) => {
  const { get } = await setUp({ bytes })
  await expect(get({ resolve: () => Promise.reject(new ModelyardError(code)) })).rejects.toMatchObject({ code })
})

it('renews its address when it is time, before it is refused', async () => {
  const { cdn, get, file } = await setUp({ bytes }, { connections: 1 })
  const resolve = async (signal: AbortSignal) => ({ ...(await file().resolve(signal)), renewAt: performance.now() - 1 })
  await get({ resolve })
  expect([cdn.bytesServed, cdn.links, cdn.connections]).toEqual([bytes, cdn.requests, 1])
})

it('a rotten partial is repaired, a whole one is not fetched again', async () => {
  const { cdn, get } = await setUp({ bytes })
  const { path } = await get()
  const rotten = await readFile(path)
  rotten[2 ** 20 + 5] = (rotten[2 ** 20 + 5] ?? 0) ^ 1
  await writeFile(path, rotten)
  expect(await hashOf((await get()).path)).toBe(sha256)
  expect(cdn.bytesServed).toBe(bytes + 2 ** 20)
  await get()
  expect(cdn.bytesServed).toBe(bytes + 2 ** 20)
})

it('does not write through a symbolic link', async () => {
  const { folder, get } = await setUp({ bytes })
  await writeFile(join(folder, 'victim'), 'mine')
  await symlink(join(folder, 'victim'), join(folder, `${sha256}.part`))
  await expect(get()).rejects.toMatchObject({ code: 'internal' })
  expect(await readFile(join(folder, 'victim'), 'utf8')).toBe('mine')
})
