import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createHub, type Hub } from '../../src/catalog/hub.ts'
import { hubToken } from '../../src/catalog/hub-token.ts'
import { type FakeHub, type FakeHubOptions, type FakeHubRepository, fakeHub } from '../../src/testing/index.ts'

const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

async function hubWith(options: FakeHubOptions, token?: string): Promise<{ server: FakeHub; hub: Hub }> {
  const server = await fakeHub(options)
  const hub = createHub({ endpoint: server.url, token: async () => token })
  opened.push(server.close, hub.close)
  return { server, hub }
}

const signal = new AbortController().signal
const gguf = { total: 8_190_735_360, architecture: 'qwen3', context_length: 40_960 }
const files = [
  { path: 'm-Q4_K_M.gguf', bytes: 5_000_000_000 },
  { path: 'm-Q8_0.gguf', bytes: 9_000_000_000 },
]
const repo = (name: string, more: Partial<FakeHubRepository> = {}): FakeHubRepository => ({ repo: name, files, gguf, ...more })

describe('search', () => {
  it('tells what the Hub tells, over its pages, most downloaded first', async () => {
    const repositories = Array.from({ length: 7 }, (_, index) => repo(`pub/m${index}`, { downloads: index, licence: 'mit' }))
    const { hub, server } = await hubWith({ repositories, pageSize: 2 })
    const found = await hub.search({ words: 'm' }, signal)
    expect(found.map((one) => one.repo)).toEqual(['pub/m6', 'pub/m5', 'pub/m4', 'pub/m3', 'pub/m2', 'pub/m1', 'pub/m0'])
    expect(found[0]).toEqual({
      repo: 'pub/m6',
      gated: false,
      downloads: 6,
      likes: 1,
      updatedAt: '2026-05-01T08:00:00.000Z',
      architecture: 'qwen3',
      parameters: gguf.total,
      contextLength: 40_960,
      licence: 'mit',
    })
    expect(server.ledger[0]?.query.get('filter')).toBe('gguf')
    expect(server.ledger).toHaveLength(4)
  })

  it('asks no more pages than it needs', async () => {
    const { hub, server } = await hubWith({ repositories: [1, 2, 3, 4, 5].map((one) => repo(`pub/m${one}`)), pageSize: 2 })
    expect(await hub.search({ words: 'm', limit: 3 }, signal)).toHaveLength(3)
    expect(server.ledger).toHaveLength(2)
  })

  it('leaves out what makes images, and names that are none', async () => {
    const bad = ['pub/..', 'pub/a b', 'pub/\u202eevil', 'onlyone', 'a/b/c', '../x', 'con/x']
    const repositories = [repo('pub/image', { pipeline: 'text-to-image' }), ...bad.map((name) => repo(name)), repo('pub/good')]
    const { hub } = await hubWith({ repositories })
    expect((await hub.search({ words: '' }, signal)).map((one) => one.repo)).toEqual(['pub/good'])
  })
})

describe('a repository', () => {
  it('is pinned to its commit; sizes and hashes are those of the Hub, over all pages', async () => {
    const shown = repo('pub/m', {
      licence: 'apache-2.0',
      gated: 'manual',
      files: [...files, { path: 'config.json', bytes: 10, lfs: false }, { path: 'mmproj-F16.gguf', bytes: 7 }],
    })
    const { hub, server } = await hubWith({ repositories: [shown], pageSize: 1 })
    const found = await hub.repository('pub/m', undefined, signal)
    const commit = server.commitOf('pub/m')
    expect(found).toMatchObject({
      repo: 'pub/m',
      commit,
      url: `${server.url}/pub/m`,
      gated: 'manual',
      licence: 'apache-2.0',
      quantizations: [
        { quantization: 'Q4_K_M', bytes: 5_000_000_000, files: [{ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }] },
        { quantization: 'Q8_0', bytes: 9_000_000_000 },
      ],
      projectors: [{ path: 'mmproj-F16.gguf', bytes: 7 }],
    })
    expect(server.ledger.slice(1).every(({ path }) => path === `/api/models/pub/m/tree/${commit}`)).toBe(true)
    expect(server.ledger).toHaveLength(5)
  })

  it('is listed without what cannot be: sizes and hashes that are none, names that lead elsewhere', async () => {
    const { hub, server } = await hubWith({ repositories: [repo('pub/m')] })
    const lfs = { oid: 'a'.repeat(64), size: 1000 }
    const good = { type: 'file', path: 'good-Q4_0.gguf', size: 1000, lfs }
    const sizes = [-1, 1.5, 2 ** 60, Number.MAX_SAFE_INTEGER + 1, '1000', null, undefined]
    const bad = [
      ...sizes.map((size, index) => ({ ...good, path: `size${index}-Q8_0.gguf`, size, lfs: undefined })),
      ...sizes.map((size, index) => ({ ...good, path: `lfs${index}-Q8_0.gguf`, lfs: { ...lfs, size } })),
      ...['short', 'A'.repeat(64), `${'a'.repeat(63)}/`].map((oid) => ({ ...good, path: 'hash-Q8_0.gguf', lfs: { ...lfs, oid } })),
      ...['../x-Q8_0.gguf', '/x-Q8_0.gguf', 'a\u0000-Q8_0.gguf', 'a\u202e-Q8_0.gguf', 'NUL.gguf'].map((path) => ({ ...good, path })),
      null,
      'text',
      { type: 'directory', path: 'Q8_0.gguf', size: 0 },
    ]
    server.faults.add({ path: '/api/models/pub/m/tree*', fault: { kind: 'status', status: 200, body: [...bad, good] } })
    const found = await hub.repository('pub/m', undefined, signal)
    expect(found.quantizations).toEqual([
      { quantization: 'Q4_0', bytes: 1000, complete: true, files: [{ path: 'good-Q4_0.gguf', bytes: 1000, sha256: lfs.oid }] },
    ])
  })

  it('that was renamed is found under its new name', async () => {
    const { hub } = await hubWith({ repositories: [repo('new/name', { formerly: ['old/name'] })] })
    expect(await hub.repository('old/name', undefined, signal)).toMatchObject({ repo: 'new/name', quantizations: [{}, {}] })
  })

  it.each(['nothing', 'a/b/c', '../../x', 'a/..', 'a/b?x=1', 'a/%2e%2e', 'a/b\r\nx', ''])(
    '%j is refused before the Hub is asked',
    async (name) => {
      const { hub, server } = await hubWith({ repositories: [] })
      await expect(hub.repository(name, undefined, signal)).rejects.toMatchObject({ code: 'invalid_request' })
      await expect(hub.repository('pub/m', '../../x', signal)).rejects.toMatchObject({ code: 'invalid_request' })
      expect(server.ledger).toHaveLength(0)
    },
  )
})

describe('what goes wrong', () => {
  const repositories = [
    repo('pub/m'),
    repo('pub/secret', { private: true }),
    repo('pub/gated', { refuses: 'gated', gated: 'auto' }),
    repo('pub/disabled', { refuses: 'disabled' }),
  ]

  it.each([
    ['pub/none', undefined, 'repo_not_found', 'private'],
    ['pub/secret', undefined, 'repo_not_found', 'private'],
    ['pub/gated', undefined, 'gated', 'sign-in'],
    ['pub/disabled', undefined, 'gated', 'refuses'],
    ['pub/m', 'v2', 'repo_not_found', 'revision'],
  ])('%s at %s is %s', async (name, revision, code, words) => {
    const { hub } = await hubWith({ repositories })
    await expect(hub.repository(name, revision, signal)).rejects.toMatchObject({ code, message: expect.stringContaining(words) })
  })

  it('gated names the page to open', async () => {
    const { hub, server } = await hubWith({ repositories })
    await expect(hub.repository('pub/gated', undefined, signal)).rejects.toMatchObject({ details: { url: `${server.url}/pub/gated` } })
  })

  it('with a token what is private is seen, with a bad one it is said', async () => {
    const { hub } = await hubWith({ repositories, tokens: ['hf_good'] }, 'hf_good')
    expect(await hub.repository('pub/secret', undefined, signal)).toMatchObject({ repo: 'pub/secret' })
    const { hub: other } = await hubWith({ repositories, tokens: ['hf_good'] }, 'hf_bad')
    await expect(other.repository('pub/m', undefined, signal)).rejects.toMatchObject({
      code: 'gated',
      message: expect.stringContaining('token'),
    })
  })

  it('too many requests: a page of HTML, and how long to wait', async () => {
    const { hub } = await hubWith({ repositories, quota: 0 })
    await expect(hub.search({ words: 'm' }, signal)).rejects.toMatchObject({
      code: 'rate_limited',
      retryable: true,
      details: { retryAfterMs: 290_000 },
    })
  })

  it.each([
    ['html', 'hub_protocol'],
    ['truncated-json', 'hub_protocol'],
    ['endless', 'hub_protocol'],
    ['reset', 'hub_unreachable'],
  ] as const)('%s is %s', async (kind, code) => {
    const { hub, server } = await hubWith({ repositories })
    server.faults.add({ fault: { kind } })
    await expect(hub.search({ words: 'm' }, signal)).rejects.toMatchObject({ code })
  })

  it.each([
    [503, 'hub_unreachable'],
    [418, 'hub_protocol'],
  ])('status %s is %s', async (status, code) => {
    const { hub, server } = await hubWith({ repositories })
    server.faults.add({ fault: { kind: 'status', status } })
    await expect(hub.search({ words: 'm' }, signal)).rejects.toMatchObject({ code })
  })

  it.each([{}, [], null, { id: 'pub/m', sha: 'short' }, { id: '../x', sha: 'a'.repeat(40) }])(
    'an answer of another shape: %j',
    async (body) => {
      const { hub, server } = await hubWith({ repositories })
      server.faults.add({ fault: { kind: 'status', status: 200, body } })
      await expect(hub.repository('pub/m', undefined, signal)).rejects.toMatchObject({ code: 'hub_protocol' })
    },
  )

  it('nobody listens', async () => {
    const { hub, server } = await hubWith({ repositories })
    await server.close()
    await expect(hub.search({ words: 'm' }, signal)).rejects.toMatchObject({
      code: 'hub_unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  it('leaving ends the request', async () => {
    const { hub, server } = await hubWith({ repositories })
    server.faults.add({ fault: { kind: 'never' } })
    const leave = new AbortController()
    const search = hub.search({ words: 'm' }, leave.signal)
    await server.waitFor(() => server.ledger.length > 0)
    leave.abort()
    await expect(search).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe('the token', () => {
  it('goes to the Hub, and with no redirect or page to anybody else', async () => {
    const { hub, server } = await hubWith({ repositories: [repo('pub/m')], tokens: ['hf_secret'] }, 'hf_secret')
    const other = await fakeHub({ repositories: [repo('pub/m')], tokens: ['hf_secret'] })
    opened.push(other.close)
    await hub.search({ words: 'm' }, signal)
    expect(server.ledger[0]?.headers.authorization).toBe('Bearer hf_secret')
    for (const to of [
      `${other.url}/api/models`,
      other.url.replace('127.0.0.1', 'localhost'),
      'file:///etc/passwd',
      `//127.0.0.1:${other.port}/x`,
    ]) {
      server.faults.add({ fault: { kind: 'redirect', to }, times: 1 })
      const failed = await hub.search({ words: 'm' }, signal).catch((error: unknown) => error)
      expect(failed).toMatchObject({ code: 'hub_redirect' })
      expect(String(failed)).not.toContain('hf_secret')
    }
    expect(other.ledger).toHaveLength(0)
  })

  it('redirects that never end are given up', async () => {
    const { hub, server } = await hubWith({ repositories: [] })
    server.faults.add({ fault: { kind: 'redirect', to: '/api/models' } })
    await expect(hub.search({ words: 'm' }, signal)).rejects.toMatchObject({ code: 'hub_redirect' })
    expect(server.ledger.length).toBeLessThan(10)
  })

  it('of a file counts when it is wanted; what is none does not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelyard-test-'))
    opened.push(() => rm(folder, { recursive: true }))
    const tokenFile = join(folder, 'token')
    const token = hubToken({ tokenFile })
    expect(await token()).toBeUndefined()
    await writeFile(tokenFile, 'hf_later\n')
    expect(await token()).toBe('hf_later')
    await writeFile(tokenFile, 'hf_a\r\nX-Evil: 1')
    expect(await token()).toBeUndefined()
    expect(await hubToken({ token: 'hf_first', tokenFile })()).toBe('hf_first')
    expect(await hubToken({})()).toBeUndefined()
  })
})
