/** The stand-in Hub does what it is there for: as the Hub answers, and each fault as it is named. */
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type CdnFault,
  cdnBytes,
  cdnSha256,
  type FakeHub,
  type FakeHubFile,
  type FakeHubOptions,
  fakeHub,
} from '../../src/testing/index.ts'

const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

const bytes = 200_000
const model: FakeHubFile = { path: 'm.gguf', bytes }

async function hubOf(file: FakeHubFile = model, options: Partial<FakeHubOptions> = {}): Promise<FakeHub> {
  const hub = await fakeHub({ repositories: [{ repo: 'pub/m', files: [file] }], ...options })
  opened.push(hub.close)
  return hub
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

async function get(url: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET', limitMs = 30_000): Promise<Answer> {
  const agent = new Agent({ maxHeaderSize: 200_000 })
  opened.push(() => agent.destroy())
  const { origin } = new URL(url)
  const answer = await agent.request({ origin, path: url.slice(origin.length), method, headers, signal: AbortSignal.timeout(limitMs) })
  return { status: answer.statusCode, headers: answer.headers, body: Buffer.from(await answer.body.arrayBuffer()) }
}

const resolve = async (hub: FakeHub, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET'): Promise<Answer> =>
  get(`${hub.url}/pub/m/resolve/main/m.gguf`, headers, method)
const linkOf = async (hub: FakeHub, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET'): Promise<string> =>
  String((await resolve(hub, headers, method)).headers.location)

describe('resolving', () => {
  it('answers with everything that the Hub tells of a linked file', async () => {
    const hub = await hubOf()
    const { status, headers, body } = await resolve(hub)
    expect(status).toBe(302)
    expect(headers).toMatchObject({
      'x-repo-commit': hub.commitOf('pub/m'),
      'x-linked-size': String(bytes),
      'x-linked-etag': `"${cdnSha256(bytes)}"`,
      'cache-control': 'no-store',
      'accept-ranges': 'bytes',
      ratelimit: '"resolvers";r=2999;t=289',
      'ratelimit-policy': '"fixed window";"resolvers";q=3000;w=300',
    })
    expect(headers.link).toMatch(/^<\/api\/.*rel="xet-auth", <.*rel="xet-reconstruction-info"$/)
    expect(body.length).toBeGreaterThanOrEqual(900)
    const { headers: there } = await get(String(headers.location), { range: 'bytes=0-0' })
    // The ETag looks like the hash of the file and is none.
    expect(there.etag).toBe(`"${headers['x-xet-hash']}"`)
    expect(there.etag).not.toContain(cdnSha256(bytes))
    expect(new URL(String(headers.location)).hostname).not.toBe(new URL(hub.url).hostname)
  })

  it('signs for the range that it was asked with, and for any when it was asked barely', async () => {
    const hub = await hubOf()
    const pinned = await linkOf(hub, { range: 'bytes=0-0' })
    expect((await get(pinned, { range: 'bytes=0-0' })).status).toBe(206)
    expect(await get(pinned, { range: 'bytes=1-2' })).toMatchObject({ status: 403, body: expect.anything() })
    expect((await get(await linkOf(hub), { range: 'bytes=1-2' })).status).toBe(206)
  })

  it('signs byte for byte: another order or spelling of the query is another address', async () => {
    const link = await linkOf(await hubOf())
    expect((await get(link)).status).toBe(200)
    const url = new URL(link)
    for (const other of [
      `${url.pathname}?${new URLSearchParams(url.search)}`,
      link.replace('%3b', '%3B'),
      link.replace('Signature=s', 'Signature=t'),
    ])
      expect((await get(new URL(other, url.origin).href)).status).toBe(403)
  })

  it('an address ends: by time, by uses, by method', async () => {
    expect((await get(await linkOf(await hubOf(model, { linkLifeMs: 0 })))).status).toBe(403)
    const few = await linkOf(await hubOf(model, { usesPerLink: 2 }))
    expect([(await get(few)).status, (await get(few)).status, (await get(few)).status]).toEqual([200, 200, 403])
    const bound = await hubOf(model, { methodBound: true })
    expect((await get(await linkOf(bound, {}, 'HEAD'))).status).toBe(403)
    expect((await get(await linkOf(bound, {}, 'HEAD'), {}, 'HEAD')).status).toBe(200)
  })

  it('who sends a credential to where the bytes are is refused and counted', async () => {
    const hub = await hubOf()
    expect((await get(await linkOf(hub), { authorization: 'Bearer hf_x' })).status).toBe(403)
    expect(hub.cdn.counts).toMatchObject({ leaks: 1, bytesServed: 0 })
  })

  it('a slash that is encoded takes the request out of its bucket, each bucket has its limit, a window ends', async () => {
    const hub = await hubOf({ path: 'a/m.gguf', bytes: 4 }, { quota: { resolvers: 1 } })
    const ask = async (path: string): Promise<Answer> => get(`${hub.url}/pub/m/resolve/main/${path}`)
    expect((await ask('a/m.gguf')).status).toBe(302)
    const { status, headers, body } = await ask('a/m.gguf')
    expect([status, headers['retry-after'], headers['content-type']]).toEqual([429, undefined, 'text/html; charset=utf-8'])
    expect(body.length).toBeGreaterThan(45_000)
    expect((await ask('a%2Fm.gguf')).status).toBe(302)
    hub.refill()
    expect((await ask('a/m.gguf')).status).toBe(302)
    expect(hub.buckets).toEqual({ api: 0, resolvers: 3, pages: 1 })
  })
})

describe('content', () => {
  it('follows from its offset, for files of any size, each range at once', async () => {
    const size = 100e9
    const hub = await hubOf({ path: 'm.gguf', bytes: size, sha256: 'a'.repeat(64) })
    const link = await linkOf(hub)
    const at = 2 ** 32 + 65_530
    const { body, headers } = await get(link, { range: `bytes=${at}-${at + 99}` })
    expect(body).toEqual(cdnBytes(at, at + 100))
    expect(headers['content-range']).toBe(`bytes ${at}-${at + 99}/${size}`)
    expect(cdnBytes(at, at + 100)).not.toEqual(cdnBytes(at - 2 ** 32, at - 2 ** 32 + 100))
    expect((await get(link, { range: `bytes=${size - 5}-` })).body).toHaveLength(5)
    expect((await get(link, { range: `bytes=${size}-` })).status).toBe(416)
  })

  it('is the same in whatever pieces it is made', () => {
    const whole = cdnBytes(0, 300_000)
    const pieces = [0, 3, 65_535, 65_540, 131_072, 200_001].map((from, index, all) => cdnBytes(from, all[index + 1] ?? 300_000))
    expect(Buffer.concat(pieces).equals(whole)).toBe(true)
    expect(whole.subarray(0, 4).toString()).toBe('GGUF')
    expect(cdnSha256(300_000)).toBe(createHash('sha256').update(whole).digest('hex'))
  })

  it('is given, or that of a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fake-hub-'))
    opened.push(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'm'), 'some words of a file')
    for (const content of [Buffer.from('some words of a file'), { file: join(folder, 'm') }]) {
      const hub = await hubOf({ path: 'm.gguf', content })
      const { headers } = await resolve(hub)
      expect(headers['x-linked-etag']).toBe(`"${createHash('sha256').update('some words of a file').digest('hex')}"`)
      expect((await get(String(headers.location), { range: 'bytes=5-9' })).body.toString()).toBe('words')
    }
  })

  it('is counted, and what is served twice as well', async () => {
    const hub = await hubOf()
    const link = await linkOf(hub)
    await get(link, { range: 'bytes=0-99' })
    await get(link, { range: 'bytes=50-149' })
    await get(link, { range: 'bytes=1000-1009' })
    expect(hub.cdn.counts).toMatchObject({ bytesServed: 210, duplicateBytes: 50, requests: 3, links: 1 })
  })
})

describe('faults', () => {
  const faulty = async (fault: CdnFault, options: Partial<FakeHubOptions> = {}): Promise<{ hub: FakeHub; link: string }> => {
    const hub = await hubOf({ ...model, faults: [fault] }, options)
    return { hub, link: await linkOf(hub) }
  }
  const range = { range: 'bytes=1000-100999' }

  it.each<[CdnFault, number, object, number]>([
    [{ kind: 'busy', status: 429, retryAfter: '3' }, 429, { 'retry-after': '3' }, 0],
    [{ kind: 'busy' }, 503, {}, 0],
    [{ kind: 'html' }, 200, { 'content-type': 'text/html' }, 20],
    [{ kind: 'unsatisfiable' }, 416, { 'content-range': `bytes */${bytes}` }, 0],
    [{ kind: 'range-ignored' }, 200, { 'content-length': String(bytes) }, bytes],
    [{ kind: 'range-ignored', after: 100_000 }, 206, {}, 100_000],
    [{ kind: 'wrong-range' }, 206, { 'content-range': `bytes 1001-100999/${bytes}` }, 100_000],
    [{ kind: 'wrong-total' }, 206, { 'content-range': `bytes 1000-100999/${bytes + 1}` }, 100_000],
    [{ kind: 'no-range' }, 206, { 'content-length': '100000' }, 100_000],
    [{ kind: 'empty' }, 206, { 'content-length': '0' }, 0],
    [{ kind: 'extra' }, 206, { 'content-length': '100064' }, 100_064],
    [{ kind: 'changed' }, 206, { etag: '"other"' }, 100_000],
    [{ kind: 'gzip' }, 206, { 'content-encoding': 'gzip' }, 0],
    [{ kind: 'chunked-cut', after: 500 }, 206, { 'transfer-encoding': 'chunked' }, 500],
    [{ kind: 'trickle', bytesPerSecond: 1e9 }, 206, {}, 100_000],
    [{ kind: 'latency', ms: 1 }, 206, {}, 100_000],
  ])('%j', async (fault, status, headers, length) => {
    const answer = await get((await faulty(fault)).link, range)
    expect(answer).toMatchObject({ status, headers })
    expect('content-range' in answer.headers).toBe(![200, 429, 503].includes(status) && fault.kind !== 'no-range')
    expect(answer.body.length).toBeGreaterThanOrEqual(length)
  })

  it('a header longer than clients take', async () => {
    const { headers } = await get((await faulty({ kind: 'long-header' })).link)
    expect(String(headers['x-padding']).length).toBeGreaterThan(16_384)
  })

  it.each<CdnFault>([
    { kind: 'reset', after: 50_000 },
    { kind: 'early-end', after: 50_000 },
    { kind: 'never' },
    { kind: 'slow-headers' },
    { kind: 'endless-1xx' },
  ])('%j never ends well', async (fault) => {
    const { hub, link } = await faulty(fault)
    await expect(get(link, range, 'GET', 300)).rejects.toThrow()
    expect(hub.cdn.counts.bytesServed).toBe(fault.after ?? 0)
  })

  it('a stall: so many bytes come, and the connection stays', async () => {
    const { hub, link } = await faulty({ kind: 'stall', after: 50_000 })
    const agent = new Agent()
    opened.push(() => agent.destroy())
    const { origin } = new URL(link)
    const { body } = await agent.request({ origin, path: link.slice(origin.length), method: 'GET', headers: range })
    let came = 0
    for await (const piece of body as AsyncIterable<Buffer>) {
      came += piece.length
      if (came >= 50_000) break
    }
    expect([came, hub.cdn.counts.bytesServed]).toEqual([50_000, 50_000])
  })

  it('bytes are others: one bit, or all of them from a point on, under another ETag or the same', async () => {
    const flipped = await get((await faulty({ kind: 'flip', at: 70_000 })).link, range)
    expect([...flipped.body.entries()].filter(([index, byte]) => byte !== cdnBytes(1000 + index, 1001 + index)[0])).toHaveLength(1)
    const corrupt = await get((await faulty({ kind: 'corrupt' })).link, range)
    expect(corrupt.body.subarray(0, -1)).toEqual(cdnBytes(1000, 100_999))
    for (const sameEtag of [true, false]) {
      const { link } = await faulty({ kind: 'replaced', after: 1000, sameEtag })
      const before = await get(link, { range: 'bytes=0-999' })
      const now = await get(link, { range: 'bytes=0-999' })
      expect([before.body.equals(cdnBytes(0, 1000)), now.body.equals(cdnBytes(0, 1000))]).toEqual([true, false])
      expect(now.headers.etag === before.headers.etag).toBe(sameEtag)
    }
  })

  it('a connection that is said to stay and ends right after an answer', async () => {
    const { link } = await faulty({ kind: 'close-after' })
    const { host, hostname, port, pathname, search } = new URL(link)
    const socket = connect(Number(port), hostname)
    const ended = new Promise<string>((done) => {
      let text = ''
      socket.on('data', (data) => (text += data.toString('latin1'))).on('close', () => done(text))
    })
    socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nRange: bytes=0-9\r\n\r\n`)
    expect(await ended).toMatch(/connection: keep-alive/i)
  })

  it('come on the requests that they are meant for, those of all files first', async () => {
    const { hub, link } = await faulty({ kind: 'busy', skip: 1, times: 1 })
    hub.cdn.faults.add({ kind: 'html', times: 1 })
    const seen = []
    for (let index = 0; index < 4; index += 1) seen.push((await get(link, { range: 'bytes=0-9' })).status)
    expect(seen).toEqual([200, 206, 503, 206])
  })

  it('connections above the limit are turned away, and counted', async () => {
    const { hub, link } = await faulty({ kind: 'stall', times: 1 }, { maxConnections: 1 })
    const agent = new Agent()
    opened.push(() => agent.destroy())
    const { origin } = new URL(link)
    const first = await agent.request({ origin, path: link.slice(origin.length), method: 'GET' })
    first.body.on('error', () => undefined)
    expect((await get(link)).status).toBe(503)
    expect(hub.cdn.counts.maxSockets).toBe(2)
  })
})
