/** Ollama's own pull, as one progress over all layers. */
import { describe, expect, it } from 'vitest'
import type { Provider, PullProgress } from '../../../src/providers/provider.ts'
import { answering, failureOf, lines, refusing, withOllama } from './with-ollama.ts'
import { soon, withStore } from './with-store.ts'

async function pulled(provider: Provider, name: string, signal = soon()): Promise<PullProgress[]> {
  const news: PullProgress[] = []
  for await (const one of provider.pull?.(name, signal) ?? []) news.push(one)
  return news
}

const model = { name: 'qwen3:8b', layers: [800, 200, 10] }

describe('Ollama’s own pull', () => {
  it('is one total over all layers, and ends when the model is listed', async () => {
    await withStore(
      async ({ provider, names }) => {
        const news = await pulled(provider, 'qwen3:8b')
        const done = news.map(({ bytesDone }) => bytesDone)
        expect(done).toEqual([...done].sort((a, b) => a - b))
        expect(news[0]).toEqual({ status: 'pulling manifest', bytesDone: 0 })
        expect(news.slice(0, 5).at(-1)).toEqual({ status: 'pulling 000000000000', bytesDone: 800, bytesTotal: 800 })
        expect(news.at(-1)).toEqual({ status: 'success', bytesDone: 1010, bytesTotal: 1010 })
        expect(await names()).toEqual(['qwen3:8b'])
      },
      { pullable: [model] },
    )
  })

  it('goes on where it was after it was left in the middle', async () => {
    await withStore(
      async ({ engine, provider, names }) => {
        engine.pulls.hold()
        for await (const { bytesDone } of provider.pull?.('qwen3:8b', soon()) ?? []) if (bytesDone >= 400) break
        await engine.waitFor(() => engine.ledger.some(({ path }) => path === '/api/pull'))
        expect(await names()).toEqual([])
        engine.pulls.release()
        const first = (await pulled(provider, 'qwen3:8b')).find(({ bytesTotal }) => bytesTotal !== undefined)
        expect(first?.bytesDone).toBe(400)
      },
      { pullable: [model] },
    )
  })

  it('ends with the signal’s reason, also while nothing comes', async () => {
    await withStore(
      async ({ engine, provider }) => {
        engine.pulls.hold()
        const abort = new AbortController()
        const pulling = (async () => {
          for await (const { bytesDone } of provider.pull?.('qwen3:8b', abort.signal) ?? []) if (bytesDone >= 400) abort.abort()
        })()
        expect((await failureOf(pulling)).code).toBe('cancelled')
        engine.pulls.release()
      },
      { pullable: [model] },
    )
  })

  it('never goes backwards when Ollama fetches something again', async () => {
    const layer = (completed: number) => ({ status: 'pulling a', digest: 'sha256:a', total: 100, completed })
    const odd = [
      { status: 'x', digest: 'sha256:b', total: 5, completed: 9 },
      { status: 'y', digest: 7, total: 'many' },
    ]
    const reply = lines(layer(60), layer(20), layer(70), ...odd, { status: 'success' })
    const tags = { models: [{ name: 'a:latest', digest: 'd', capabilities: ['completion'] }] }
    await withOllama(answering({ 'POST /api/pull': reply, 'GET /api/tags': tags }), async (provider) => {
      const news = await pulled(provider, 'a')
      expect(news.map(({ bytesDone, bytesTotal }) => [bytesDone, bytesTotal])).toEqual([
        [60, 100],
        [60, 100],
        [70, 100],
        [75, 105],
        [75, 105],
        [75, 105],
      ])
    })
  })

  it.each([
    ['an error inside a 200', '0.32.15/67-pull-unknown', 'import_failed', /pull model manifest: file does not exist/],
    ['no registry', '0.32.15/69-pull-no-registry', 'import_failed', /connection refused/],
    ['a name that is none', refusing(400, 'invalid model name'), 'import_failed', /invalid model name/],
    ['a stream without an end', lines({ status: 'pulling manifest' }), 'provider_protocol', /broke its pull off/],
    ['something that is no JSON', lines('<html>'), 'provider_protocol', /one is damaged/],
    ['a success that is not listed', lines({ status: 'success' }), 'import_failed', /does not list it/],
    ['a full disk', lines({ error: 'write /x/y: no space left on device' }), 'disk_full', /write y: no space/],
    ['a key that is refused', refusing(401, 'unauthorized'), 'provider_unauthorized', /unauthorized/],
  ])('says of %s what it is', async (_, reply, code, words) => {
    await withOllama(answering({ 'POST /api/pull': reply, 'GET /api/tags': { models: [] } }), async (provider) => {
      const error = await failureOf(pulled(provider, 'none'))
      expect(error.code).toBe(code)
      expect(error.message).toMatch(words)
    })
  })

  it('holds a stream of endless layers and endless lines within bounds', async () => {
    const many = Array.from({ length: 10_002 }, (_, index) => ({ status: 'pulling', digest: `sha256:${index}`, total: 1, completed: 1 }))
    for (const reply of [lines(...many), lines(`{"status":"${'x'.repeat(300_000)}"}`)]) {
      await withOllama(answering({ 'POST /api/pull': reply }), async (provider) => {
        expect((await failureOf(pulled(provider, 'none'))).code).toBe('provider_protocol')
      })
    }
  })
})
