/** Where the bytes of a file are: asked barely, told byte for byte, never where nobody should go. */
import { describe, expect, it } from 'vitest'
import { renewalOf } from '../../src/catalog/link-life.ts'
import { checkTarget } from '../../src/catalog/redirect-target.ts'
import { noProxies, proxiesOf } from '../../src/platform/proxies.ts'
import { cdnBytes, cdnSha256 } from '../../src/testing/index.ts'
import { hubWith, signal } from './support.ts'

const bytes = 300_000
const model = { path: 'sub dir/m-Q4_0.gguf', bytes }

/** As a download gets them: the address as it stands. */
async function fetchRange(url: string, headers: Readonly<Record<string, string>>, range: string): Promise<Response> {
  return fetch(url, { headers: { ...headers, range }, redirect: 'manual' })
}

describe('where the bytes are', () => {
  it('is a signed address elsewhere, told as it stands, good for any range, for an hour', async () => {
    await using on = await hubWith([model], { tokens: ['hf_secret'], client: { token: async () => 'hf_secret' } })
    const before = performance.now()
    const place = await on.hub.resolve(on.file(model.path), signal)
    expect(place).toMatchObject({ bytes, sha256: cdnSha256(bytes), etag: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(place.url).toMatch(/^http:\/\/127\.0\.0\.1:.*filename%3d%22m\.gguf%22.*Signature=s~1__/)
    const inMinutes = ((place.renewAt ?? 0) - before) / 60_000
    expect(inMinutes).toBeGreaterThan(49)
    expect(inMinutes).toBeLessThan(52)
    const [asked] = on.server.ledger
    expect([asked?.method, asked?.headers.range, asked?.headers.authorization]).toEqual(['GET', undefined, 'Bearer hf_secret'])
    expect(JSON.stringify(place.headers)).not.toContain('hf_secret')
    for (const range of ['bytes=0-9', 'bytes=70000-70099']) {
      const answer = await fetchRange(place.url, place.headers, range)
      const [from = 0, to = 0] = range.slice(6).split('-').map(Number)
      expect([answer.status, Buffer.from(await answer.arrayBuffer())]).toEqual([206, cdnBytes(from, to + 1)])
      expect(answer.headers.get('etag')).toBe(`"${place.etag}"`)
    }
    expect(on.server.cdn.counts).toMatchObject({ leaks: 0, links: 1, requests: 2 })
    expect(on.server.buckets).toEqual({ api: 0, resolvers: 1, pages: 0 })
  })

  it('is good for a GET, though addresses are bound to the method', async () => {
    await using on = await hubWith([model], { methodBound: true })
    const { url, headers } = await on.hub.resolve(on.file(model.path), signal)
    expect((await fetchRange(url, headers, 'bytes=0-1')).status).toBe(206)
  })

  it('is the Hub itself for a small file, and for a mirror; then with the token', async () => {
    for (const [files, options] of [
      [[{ path: 'config.json', bytes: 10, lfs: false }], {}],
      [[{ path: 'config.json', bytes: 10 }], { mirror: true }],
    ] as const) {
      await using on = await hubWith(files, { tokens: ['hf_secret'], client: { token: async () => 'hf_secret' }, ...options })
      const place = await on.hub.resolve(on.file('config.json'), signal)
      expect(place).toMatchObject({ headers: { authorization: 'Bearer hf_secret' }, bytes: 10 })
      expect(place.url.startsWith(`${on.server.url}/`)).toBe(true)
      expect([place.renewAt, place.sha256]).toEqual([undefined, undefined])
      const answer = await fetchRange(place.url, place.headers, 'bytes=2-5')
      expect([answer.status, Buffer.from(await answer.arrayBuffer())]).toEqual([206, cdnBytes(2, 6)])
    }
  })

  it('of another commit is not taken', async () => {
    await using on = await hubWith([model])
    on.server.faults.add({ fault: { kind: 'status', status: 200, headers: { 'x-repo-commit': 'a'.repeat(40) } } })
    await expect(on.hub.resolve(on.file(model.path), signal)).rejects.toMatchObject({ code: 'hub_protocol' })
  })

  it('is found after a renaming', async () => {
    await using on = await hubWith([model], { repository: { formerly: ['old/name'] } })
    expect(await on.hub.resolve({ ...on.file(model.path), repo: 'old/name' }, signal)).toMatchObject({ bytes })
  })

  it.each<[string, object, string, string]>([
    ['a file that is not there', {}, 'none.gguf', 'repo_not_found'],
    ['a licence to accept', { repository: { gated: 'manual' } }, model.path, 'gated'],
    ['what is private', { repository: { private: true } }, model.path, 'repo_not_found'],
    ['too many requests', { quota: { resolvers: 0 } }, model.path, 'rate_limited'],
  ])('%s', async (_, options, path, code) => {
    await using on = await hubWith([model], options)
    await expect(on.hub.resolve(on.file(path), signal)).rejects.toMatchObject({ code })
  })

  it.each([
    ['a page in place of the file', { kind: 'html' }, 'hub_protocol'],
    ['nobody there', { kind: 'reset' }, 'hub_unreachable'],
    ['a fault of its own', { kind: 'status', status: 500 }, 'hub_unreachable'],
    [
      'Retry-After of a date',
      { kind: 'status', status: 429, headers: { 'retry-after': new Date(Date.now() + 90_000).toUTCString() } },
      'rate_limited',
    ],
  ] as const)('%s', async (_, fault, code) => {
    await using on = await hubWith([model])
    on.server.faults.add({ fault })
    const failed = await on.hub.resolve(on.file(model.path), signal).catch((error: unknown) => error)
    expect(failed).toMatchObject({ code })
    if (code === 'rate_limited')
      expect(Number((failed as { details: { retryAfterMs: number } }).details.retryAfterMs)).toBeGreaterThan(80_000)
  })

  it.each([
    ['../../etc/passwd', 'unsafe_name'],
    ['a\u0000b', 'unsafe_name'],
    ['/etc/passwd', 'unsafe_name'],
  ])('%j is refused before the Hub is asked', async (path, code) => {
    await using on = await hubWith([model])
    await expect(on.hub.resolve(on.file(path), signal)).rejects.toMatchObject({ code })
    await expect(on.hub.header({ ...on.file('a.gguf'), commit: 'main' }, signal)).rejects.toMatchObject({ code: 'invalid_request' })
    expect(on.server.ledger).toHaveLength(0)
  })

  it('names with signs of an address are asked for as they are', async () => {
    const odd = { path: 'a#b/50% + ü&c.gguf', bytes: 4 }
    await using on = await hubWith([odd])
    expect(await on.hub.resolve(on.file(odd.path), signal)).toMatchObject({ bytes: 4 })
    expect(on.server.buckets.pages).toBe(0)
  })

  it('nothing is asked while HF_HUB_OFFLINE is set', async () => {
    await using on = await hubWith([model], { client: { offline: true } })
    const { hub, file } = on
    const calls = [
      () => hub.resolve(file(model.path), signal),
      () => hub.header(file(model.path), signal),
      () => hub.search({ words: 'm' }, signal),
      () => hub.repository('pub/m', undefined, signal),
      () => hub.files('pub/m', file('').commit, [model.path], signal),
    ]
    for (const call of calls)
      await expect(call()).rejects.toMatchObject({ code: 'hub_unreachable', message: expect.stringContaining('HF_HUB_OFFLINE') })
    expect(on.server.ledger).toHaveLength(0)
  })
})

describe('redirects', () => {
  it.each([
    ['file:///etc/passwd', 'scheme'],
    ['ftp://cdn.example/x', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['http://user:secret@127.0.0.1/x', 'password'],
    ['http://127.0.0.1/a b', 'characters'],
    ['http://[', 'no address'],
  ])('to %s are not followed', async (to, words) => {
    await using on = await hubWith([model])
    on.server.faults.add({ fault: { kind: 'redirect', to } })
    const failed = await on.hub.resolve(on.file(model.path), signal).catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 'hub_redirect', message: expect.stringContaining(words) })
    expect(String(failed)).not.toContain('secret')
  })

  it('in a circle end', async () => {
    await using on = await hubWith([model])
    on.server.faults.add({ fault: { kind: 'redirect', to: '/a/b/resolve/main/c' } })
    await expect(on.hub.resolve(on.file(model.path), signal)).rejects.toMatchObject({ code: 'hub_redirect' })
    expect(on.server.ledger).toHaveLength(6)
  })

  const names: Readonly<Record<string, readonly string[]>> = {
    'hub.example': ['203.0.113.1'],
    'cdn.example': ['203.0.113.2', '2001:db8::2'],
    'evil.example': ['203.0.113.3', '10.0.0.3'],
    'hub.lan': ['192.168.1.2'],
    localhost: ['127.0.0.1', '::1'],
  }
  const rules = (endpoint: string) => ({ endpoint, proxies: noProxies, addressesOf: async (host: string) => names[host] ?? [] })

  it.each([
    'https://127.0.0.1/x',
    'https://127.1/x',
    'https://2130706433/x',
    'https://0x7f.1/x',
    'https://0/x',
    'https://10.1.2.3/x',
    'https://100.64.0.1/x',
    'https://169.254.169.254/latest/meta-data',
    'https://172.31.0.1/x',
    'https://192.168.0.1/x',
    'https://[::1]/x',
    'https://[fd00::1]/x',
    'https://[fe80::1]/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://[64:ff9b::a00:1]/x',
    'https://evil.example/x',
    'http://cdn.example/x',
  ])('from a public Hub not to %s', async (to) => {
    await expect(checkTarget(to, rules('https://hub.example'))).rejects.toMatchObject({ code: 'hub_redirect' })
  })

  it('to a public host are followed, and from a private Hub to a private one, as they stand', async () => {
    const signed = 'https://cdn.example/x?b=%2f&a=%7E&B=1'
    expect(await checkTarget(signed, rules('https://hub.example'))).toBe(signed)
    expect(await checkTarget('//cdn.example/x?b=%2f', rules('https://hub.example'))).toBe('https://cdn.example/x?b=%2f')
    expect(await checkTarget('http://10.0.0.3/x', rules('http://hub.lan'))).toBe('http://10.0.0.3/x')
    expect(await checkTarget('http://127.0.0.1:1/x', rules('http://localhost:2'))).toBe('http://127.0.0.1:1/x')
  })

  it('to a name that has no address are told as that', async () => {
    const gone = async (): Promise<string[]> => {
      throw new Error('ENOTFOUND')
    }
    const failed = checkTarget('https://cdn.example/x?Signature=s', { ...rules('https://hub.example'), addressesOf: gone })
    await expect(failed).rejects.toMatchObject({ code: 'hub_unreachable', message: expect.stringContaining('cdn.example, which') })
  })

  it('names that only the proxy knows are left to it; addresses are not', async () => {
    const proxied = { ...rules('https://hub.example'), proxies: proxiesOf({ HTTPS_PROXY: 'http://proxy.example:1' }) }
    const nobody = async (): Promise<string[]> => {
      throw new Error('not asked')
    }
    expect(await checkTarget('https://cdn.example/x', { ...proxied, addressesOf: nobody })).toBe('https://cdn.example/x')
    await expect(checkTarget('https://10.0.0.1/x', { ...proxied, addressesOf: nobody })).rejects.toMatchObject({ code: 'hub_redirect' })
  })
})

describe('an address is renewed', () => {
  const date = 'Wed, 25 Nov 2026 09:00:00 GMT'
  const at = Date.parse(date) / 1000
  it.each<[string, string, string | undefined, number | undefined]>([
    ['after 50 of its 60 minutes', `Expires=${at + 3600}`, date, 50 * 60_000],
    ['by the clock of the Hub, not by ours', `Expires=${at + 60}`, date, 50_000],
    ['as S3 says', 'X-Amz-Date=20261125T085800Z&X-Amz-Expires=3600', date, (58 * 60_000 * 50) / 60],
    ['as what imitates S3 says', 'X-Goog-Date=20261125T090000Z&X-Goog-Expires=600', date, 500_000],
    ['never when nobody says', 'x=1', date, undefined],
    ['never by what is no time', 'Expires=soon', date, undefined],
    ['after a second at the least, for clocks that differ', `Expires=${at - 100}`, date, 1000],
  ])('%s', (_, query, told, expected) => {
    const renewal = renewalOf(`https://cdn.example/x?${query}`, told, 5000)
    expect(renewal === undefined ? undefined : renewal - 5000).toBe(expected)
  })
})
