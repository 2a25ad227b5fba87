/** Through a real proxy of our own: who is asked, and what its refusal says. */
import { afterEach, expect, it } from 'vitest'
import { createHub, type Hub } from '../../src/catalog/hub.ts'
import { proxiesOf } from '../../src/platform/proxies.ts'
import { type FakeHub, type FakeProxy, type FakeProxyOptions, fakeHub, fakeProxy, tinyGguf } from '../../src/testing/index.ts'
import { signal } from './support.ts'

const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

const names = { hub: 'hub.example:80', cdn: 'cdn.example:80' }
const files = [{ path: 'm.gguf', content: tinyGguf() }]

interface SetUp {
  readonly credentials?: string
  readonly user?: string
  readonly endpoint?: (server: FakeHub) => string
  readonly cdnUrl?: string
  readonly except?: string
}

async function setUp({ credentials, user, endpoint, cdnUrl, except }: SetUp): Promise<{ hub: Hub; server: FakeHub; proxy: FakeProxy }> {
  const server = await fakeHub({ repositories: [{ repo: 'pub/m', files }], cdnUrl: cdnUrl ?? 'http://cdn.example' })
  const routes = { [names.hub]: server.port, [names.cdn]: Number(new URL(server.cdn.url).port) }
  const options: FakeProxyOptions = { routes, ...(credentials !== undefined && { credentials }) }
  const proxy = await fakeProxy(options)
  const proxies = proxiesOf({ HTTP_PROXY: user === undefined ? proxy.url : proxy.url.replace('//', `//${user}@`), NO_PROXY: except })
  const hub = createHub({ endpoint: endpoint?.(server) ?? 'http://hub.example', token: async () => undefined, proxies })
  opened.push(server.close, proxy.close, hub.close)
  return { hub, server, proxy }
}

it('the Hub and its files are reached through it', async () => {
  const { hub, server, proxy } = await setUp({ credentials: 'me:p@ss', user: 'me:p%40ss' })
  expect(await hub.search({ words: 'm' }, signal)).toHaveLength(1)
  expect(await hub.header({ repo: 'pub/m', commit: server.commitOf('pub/m'), path: 'm.gguf' }, signal)).toMatchObject({
    architecture: 'llama',
  })
  expect([...new Set(proxy.asked)]).toEqual([names.hub, names.cdn])
})

it.each([
  [undefined, '407'],
  ['me:wrong', '407'],
])('that wants a sign-in says so (%s)', async (user, words) => {
  const { hub } = await setUp({ credentials: 'me:secretword', ...(user !== undefined && { user }) })
  const failed = await hub.search({ words: 'm' }, signal).catch((error: unknown) => error)
  expect(failed).toMatchObject({
    code: 'hub_unreachable',
    message: expect.stringContaining(words),
    hint: expect.stringContaining('HTTPS_PROXY'),
  })
  expect(JSON.stringify([failed, String(failed)])).not.toMatch(/wrong|secretword/)
})

it('that does not get there says so', async () => {
  const { hub } = await setUp({ endpoint: () => 'http://nowhere.example' })
  await expect(hub.search({ words: 'm' }, signal)).rejects.toMatchObject({
    code: 'hub_unreachable',
    message: expect.stringContaining('502'),
  })
})

it('is not asked for a Hub on this machine', async () => {
  const { hub, proxy } = await setUp({ endpoint: (server) => server.url })
  expect(await hub.search({ words: 'm' }, signal)).toHaveLength(1)
  expect(proxy.asked).toEqual([])
})

it('is not asked for what NO_PROXY names', async () => {
  const { hub, proxy } = await setUp({ except: 'hub.example' })
  await expect(hub.search({ words: 'm' }, signal)).rejects.toMatchObject({ code: 'hub_unreachable' })
  expect(proxy.asked).toEqual([])
})

it('a Hub behind it does not lead to this machine', async () => {
  const { hub, server } = await setUp({ cdnUrl: 'http://127.0.0.1:1' })
  const file = { repo: 'pub/m', commit: server.commitOf('pub/m'), path: 'm.gguf' }
  await expect(hub.resolve(file, signal)).rejects.toMatchObject({ code: 'hub_redirect' })
})

it('that is of no kind we know is said, when it would be asked', async () => {
  const hub = createHub({ endpoint: 'http://hub.example', token: async () => undefined, proxies: proxiesOf({ ALL_PROXY: 'socks5://x:1' }) })
  opened.push(hub.close)
  await expect(hub.search({ words: 'm' }, signal)).rejects.toMatchObject({ code: 'invalid_configuration' })
})

it('and nobody asks it after the end', async () => {
  const { hub, proxy } = await setUp({})
  await hub.search({ words: 'm' }, signal)
  await hub.close()
  await expect(hub.search({ words: 'm' }, signal)).rejects.toMatchObject({ code: 'hub_unreachable' })
  expect(proxy.asked).toEqual([names.hub])
})
