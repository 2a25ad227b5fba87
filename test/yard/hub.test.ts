/** Whether a model fits, with the whole arithmetic where the catalogue does not know its cache: from one header. */
import { afterEach, expect, it } from 'vitest'
import { createHub } from '../../src/catalog/hub.ts'
import type { Hardware } from '../../src/contract/index.ts'
import { type FakeHub, type FakeHubFile, type FakeHubRepository, fakeHub, tinyGguf } from '../../src/testing/index.ts'
import { createHubView } from '../../src/yard/hub.ts'
import type { Yard } from '../../src/yard/yard.ts'

const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

const hardware = async (): Promise<Hardware> => ({ memory: { total: 16e9, free: 8e9 }, gpus: [], volumes: [] })
const content = tinyGguf({ contextLength: 1024 })
const tiny: FakeHubFile = { path: 'tiny-F32.gguf', content }
const large: FakeHubFile = { path: 'sub/tiny-Q8_0.gguf', bytes: 3_000_000_000 }
/** Two layers, four heads, keys and values of 16: 512 bytes a token. */
const cacheBytes = 1024 * 512

async function viewOf(
  files: readonly FakeHubFile[],
  more: Partial<FakeHubRepository> = {},
): Promise<{ view: Yard['hub']; server: FakeHub }> {
  const server = await fakeHub({ repositories: [{ repo: 'pub/m', files, ...more }] })
  const hub = createHub({ endpoint: server.url, token: async () => undefined })
  opened.push(server.close, hub.close)
  return { view: createHubView({ hub, hardware, closing: new AbortController().signal }), server }
}

const fits = async (view: Yard['hub']) => (await view.repository('pub/m')).quantizations.map(({ fit }) => fit)

it('the smallest file tells for all', async () => {
  const { view, server } = await viewOf([large, tiny])
  const [first, second] = await fits(view)
  expect([first?.contextBytes, second?.contextBytes]).toEqual([cacheBytes, cacheBytes])
  expect(second).toMatchObject({ verdict: 'memory', neededBytes: 3e9 + 3e9 * 0.05 + 64e6 + cacheBytes, contextLength: 1024 })
  expect(second?.text).toContain('context cache 1 MB (1024 tokens) =')
  expect(server.cdn.counts.links).toBe(1)
})

it('a commit is asked for its header once', async () => {
  const { view, server } = await viewOf([tiny])
  expect(await fits(view)).toEqual(await fits(view))
  expect([server.cdn.counts.links, server.buckets.resolvers]).toEqual([1, 1])
})

it('another model of the repository is another one', async () => {
  const { view } = await viewOf([tiny, { path: 'other-F16.gguf', bytes: 3_000_000_000 }])
  const [first, second] = await fits(view)
  expect([first?.contextBytes, second?.contextBytes]).toEqual([cacheBytes, undefined])
})

it('a set with a gap is not asked', async () => {
  const gap = { path: 'gap-Q2_K-00001-of-00002.gguf', bytes: 1000 }
  const { view, server } = await viewOf([gap, tiny])
  expect((await fits(view)).map((fit) => fit?.contextBytes)).toEqual([undefined, cacheBytes])
  expect(server.ledger.at(-1)?.path).toContain('tiny-F32')
})

it.each<[string, FakeHubFile, Partial<FakeHubRepository>]>([
  ['a licence is to be accepted', tiny, { gated: 'manual' }],
  ['it is no GGUF', { path: 'x-Q4_0.gguf', bytes: 100_000 }, {}],
  ['it cannot be fetched', { ...tiny, faults: [{ kind: 'html' }] }, {}],
])('where %s it stays unknown, and is asked again', async (_, file, more) => {
  const { view, server } = await viewOf([file], more)
  expect((await fits(view))[0]).not.toHaveProperty('contextBytes')
  await fits(view)
  expect(server.buckets.resolvers).toBe(2)
})

it('what the Hub does not say of the model its header does', async () => {
  const { view } = await viewOf([tiny])
  expect(await view.repository('pub/m')).toMatchObject({ architecture: 'llama', contextLength: 1024 })
  const told = await viewOf([tiny], { gguf: { architecture: 'told', context_length: 99 } })
  expect(await told.view.repository('pub/m')).toMatchObject({ architecture: 'told', contextLength: 99 })
})

it('leaving ends it', async () => {
  const { view, server } = await viewOf([{ ...tiny, faults: [{ kind: 'never' }] }])
  const leave = new AbortController()
  const asking = view.repository('pub/m', { signal: leave.signal })
  await server.waitFor(() => server.cdn.counts.links > 0)
  leave.abort()
  await expect(asking).rejects.toMatchObject({ code: 'cancelled' })
})
