import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { ModelyardError } from '../../../src/contract/index.ts'
import { notAborted, sendJson } from '../openai-chat/scripted-engine.ts'
import { answering, failureOf, refusing, withOllama } from './with-ollama.ts'

const loaded = '0.32.15/24-load-by-generate'
const unloaded = '0.32.15/42-unload'
const none = '0.32.15/05-ps-empty'
const one = '0.32.15/25-ps-one'
const context = (more: object = {}) => ({ signal: notAborted(), ...more })

describe('what is in memory', () => {
  it('is listed with its memory and its end', async () => {
    await withOllama(answering({ 'GET /api/ps': one }), async (provider) => {
      expect(await provider.loaded(notAborted())).toEqual([
        {
          name: 'tiny-a:latest',
          contextLength: 512,
          memoryBytes: 2338323,
          gpuBytes: 0,
          expiresAt: '2026-11-23T00:52:39.386Z',
          load: { contextLength: 512 },
          loadedBy: 'other',
          state: 'ready',
        },
      ])
    })
  })

  it('has no end where it is kept for ever', async () => {
    await withOllama(answering({ 'GET /api/ps': '0.32.15/46-ps-keep-forever' }), async (provider) => {
      const [first, second] = await provider.loaded(notAborted())
      expect(first).toMatchObject({ name: 'tiny-a:latest', expiresAt: undefined })
      expect(second?.expiresAt).toMatch(/^2026-/)
    })
  })

  it.each(['41-ps-two', '44-ps-after-unload', '64-ps-after-delete-loaded'])('every recorded list is read: %s', async (name) => {
    await withOllama(answering({ 'GET /api/ps': `0.32.15/${name}` }), async (provider) => {
      for (const instance of await provider.loaded(notAborted())) {
        expect(instance.name).toMatch(/^tiny-/)
        expect(instance.memoryBytes).toBeGreaterThan(0)
      }
    })
  })

  it('is asked for once more when a version of before 0.32.4 stumbles', async () => {
    await withOllama(answering({ 'GET /api/ps': [refusing(500, 'race'), one] }), async (provider) => {
      expect(await provider.loaded(notAborted())).toHaveLength(1)
    })
    await withOllama(answering({ 'GET /api/ps': refusing(500, 'broken') }), async (provider) => {
      expect((await failureOf(provider.loaded(notAborted()))).code).toBe('provider_error')
    })
  })
})

describe('a load', () => {
  it('carries the options that the traffic will use, and is believed when Ollama lists the model', async () => {
    await withOllama(answering({ 'GET /api/ps': [none, one], 'POST /api/generate': loaded }), async (provider, engine) => {
      const options = { contextLength: 512, gpuLayers: 0, keepAlive: '30m' }
      const instance = await provider.load('tiny-a', options, context())
      expect(instance).toMatchObject({ name: 'tiny-a:latest', contextLength: 512, load: options, loadedBy: 'us' })
      expect(engine.asked.find(({ path }) => path === '/api/generate')?.body).toEqual({
        model: 'tiny-a',
        stream: false,
        options: { num_ctx: 512, num_gpu: 0 },
        keep_alive: '30m',
      })
      expect((await provider.loaded(notAborted()))[0]?.loadedBy).toBe('us')
    })
  })

  it.each([
    [{}, undefined],
    [{ keepAlive: -1 }, -1],
    [{ keepAlive: '-1' }, -1],
    [{ keepAlive: 90 }, 90],
    [{ keepAlive: '1h30m' }, '1h30m'],
    // These would unload: a prompt's request says them, not the load.
    [{ keepAlive: 0 }, undefined],
    [{ keepAlive: '0' }, undefined],
    [{ keepAlive: '0s' }, undefined],
  ])('%j', async (options, sent) => {
    await withOllama(answering({ 'GET /api/ps': [none, one], 'POST /api/generate': loaded }), async (provider, engine) => {
      await provider.load('tiny-a', options, context())
      expect(engine.asked.find(({ path }) => path === '/api/generate')?.body.keep_alive).toBe(sent)
    })
  })

  it('that somebody else did is not taken over', async () => {
    await withOllama(answering({ 'GET /api/ps': one, 'POST /api/generate': loaded }), async (provider) => {
      expect((await provider.load('tiny-a', {}, context())).loadedBy).toBe('other')
      expect((await provider.loaded(notAborted()))[0]?.loadedBy).toBe('other')
    })
  })

  it('is ours no longer when the model was gone in between', async () => {
    await withOllama(answering({ 'GET /api/ps': [none, one, one, none, one], 'POST /api/generate': loaded }), async (provider) => {
      await provider.load('tiny-a', {}, context())
      expect(await provider.loaded(notAborted())).toEqual([])
      expect((await provider.loaded(notAborted()))[0]?.loadedBy).toBe('other')
    })
  })

  it('is not believed on its word alone', async () => {
    await withOllama(answering({ 'GET /api/ps': none, 'POST /api/generate': loaded }), async (provider) => {
      expect((await failureOf(provider.load('tiny-a', {}, context()))).code).toBe('conflict')
    })
  })

  it('of a damaged file fails with the words of the engine, without the path, and once', async () => {
    const answer = answering({ 'GET /api/ps': '0.32.15-faults/04-ps-after-broken', 'POST /api/generate': '0.32.15-faults/03-load-broken' })
    await withOllama(answer, async (provider, engine) => {
      const error = await failureOf(provider.load('broken', {}, context()))
      expect(error.code).toBe('load_failed')
      expect(error.message).toContain('failed to load model from sha256-7f5d4e9b')
      expect(error.message).not.toMatch(/\/|\n/)
      expect(engine.lines().filter((line) => line === 'POST /api/generate')).toHaveLength(1)
    })
  })

  it.each([
    ['0.32.15/23-load-truncated-gguf', 'model_not_found'],
    [refusing(500, 'model requires more system memory (9.1 GiB) than is available (3.2 GiB)'), 'out_of_memory'],
    [refusing(500, 'llama runner process has terminated: signal: killed'), 'load_failed'],
    [refusing(503, 'server busy, please try again. maximum pending requests exceeded'), 'provider_busy'],
    [(response: ServerResponse) => void response.writeHead(200).end('{"done":'), 'provider_protocol'],
    [(response: ServerResponse) => void response.destroy(), 'provider_unreachable'],
  ])('that fails (%#): %s', async (reply, code) => {
    await withOllama(answering({ 'GET /api/ps': none, 'POST /api/generate': reply }), async (provider) => {
      expect((await failureOf(provider.load('cut', {}, context()))).code).toBe(code)
    })
  })

  it('of an embedding model goes by its own route', async () => {
    const answer = answering({
      'GET /api/ps': [none, { models: [{ name: 'nomic-embed-text:latest' }] }],
      'POST /api/generate': refusing(400, '"nomic-embed-text" does not support generate'),
      'POST /api/embed': { model: 'nomic-embed-text', embeddings: [] },
    })
    await withOllama(answer, async (provider, engine) => {
      expect((await provider.load('nomic-embed-text', { contextLength: 2048 }, context())).loadedBy).toBe('us')
      expect(engine.asked.find(({ path }) => path === '/api/embed')?.body).toEqual({
        model: 'nomic-embed-text',
        input: '',
        options: { num_ctx: 2048 },
      })
    })
  })
})

describe('a load that is left', () => {
  /** The load never ends; then what Ollama still has is unloaded. */
  const stalling = (begun: () => void, closed: () => void, ps: (string | object)[]) =>
    answering({
      'GET /api/ps': ps,
      'POST /api/generate': [
        (response) => {
          response.on('close', closed)
          begun()
        },
        unloaded,
      ],
    })

  it('closes its request, and makes sure that nothing stays', async () => {
    const leaving = new AbortController()
    let closed = false
    const leave = () => leaving.abort(new ModelyardError('superseded'))
    const answer = stalling(leave, () => (closed = true), [none, one, one, none])
    await withOllama(answer, async (provider, engine) => {
      expect((await failureOf(provider.load('tiny-a', {}, context({ signal: leaving.signal })))).code).toBe('superseded')
      expect(closed).toBe(true)
      expect(engine.asked.filter(({ path }) => path === '/api/generate')[1]?.body).toMatchObject({ model: 'tiny-a', keep_alive: 0 })
      expect(engine.lines().filter((line) => line === 'GET /api/ps')).toHaveLength(4)
    })
  })

  it('does not unload what was there before', async () => {
    const leaving = new AbortController()
    const answer = stalling(() => leaving.abort(), () => {}, [one])
    await withOllama(answer, async (provider, engine) => {
      const failed = provider.load('tiny-a', { contextLength: 128 }, context({ signal: leaving.signal }))
      expect((await failureOf(failed)).code).toBe('cancelled')
      expect(engine.lines().filter((line) => line === 'POST /api/generate')).toHaveLength(1)
    })
  })

  it('ends by itself after the time for its size', async () => {
    const asked: (number | undefined)[] = []
    const loadMs = (bytes: number | undefined): number => asked.push(bytes)
    const answer = stalling(() => {}, () => {}, [none])
    await withOllama(
      answer,
      async (provider) => {
        expect((await failureOf(provider.load('tiny-a', {}, context({ sizeBytes: 7 })))).code).toBe('timeout')
        expect(asked).toEqual([7])
      },
      { limits: { loadMs } },
    )
  })
})

describe('an unload', () => {
  it('waits until the model is gone', async () => {
    await withOllama(answering({ 'GET /api/ps': [one, one, none], 'POST /api/generate': unloaded }), async (provider, engine) => {
      await provider.unload({ name: 'tiny-a' }, notAborted())
      expect(engine.lines()).toEqual(['POST /api/generate', 'GET /api/ps', 'GET /api/ps', 'GET /api/ps'])
      expect(engine.asked[0]?.body).toEqual({ model: 'tiny-a', keep_alive: 0, stream: false })
    })
  })

  it('of a model that is not loaded is done', async () => {
    await withOllama(answering({ 'GET /api/ps': none, 'POST /api/generate': '0.32.15/43-unload-again' }), async (provider) => {
      await provider.unload({ name: 'tiny-a' }, notAborted())
    })
  })

  it('of an unknown model is done', async () => {
    await withOllama(answering({ 'GET /api/ps': one, 'POST /api/generate': '0.32.15/32-chat-unknown' }), async (provider) => {
      await provider.unload({ name: 'nope' }, notAborted())
    })
  })

  it('of a model that was deleted while loaded says that it stays', async () => {
    const answer = answering({
      'GET /api/ps': '0.32.15/64-ps-after-delete-loaded',
      'POST /api/generate': refusing(404, "model 'tiny-a' not found"),
    })
    await withOllama(answer, async (provider) => {
      const error = await failureOf(provider.unload({ name: 'tiny-a' }, notAborted()))
      expect(error).toMatchObject({ code: 'provider_error' })
      expect(error.message).toContain('although it was deleted')
    })
  })

  it('that never ends has a limit', async () => {
    await withOllama(
      answering({ 'GET /api/ps': one, 'POST /api/generate': unloaded }),
      async (provider) => {
        expect((await failureOf(provider.unload({ name: 'tiny-a' }, notAborted()))).code).toBe('timeout')
      },
      { limits: { unloadMs: 60 } },
    )
  })

  it('can be left', async () => {
    const leaving = new AbortController()
    const look = (response: ServerResponse): void => {
      sendJson(response, 200, { models: [{ name: 'tiny-a:latest' }] })
      leaving.abort()
    }
    await withOllama(answering({ 'GET /api/ps': look, 'POST /api/generate': unloaded }), async (provider) => {
      expect((await failureOf(provider.unload({ name: 'tiny-a' }, leaving.signal))).code).toBe('cancelled')
    })
  })
})

describe('names that share weights', () => {
  const weights = (hash: string) => ({ modelfile: `FROM /root/.ollama/models/blobs/sha256-${hash.repeat(64)}\n` })
  const ps = (...names: string[]) => ({ models: names.map((name) => ({ name, size: 5, context_length: 512 })) })

  it('share a place in memory, which goes by the name that was loaded last', async () => {
    const hashes: Readonly<Record<string, string>> = { helper: 'a', 'base:latest': 'a', 'other:latest': 'b' }
    const memory = [ps('other:latest', 'base:latest')]
    const rest = answering({ 'GET /api/ps': memory, 'POST /api/generate': loaded })
    await withOllama(
      (asked, response) => {
        if (asked.path === '/api/show') sendJson(response, 200, weights(hashes[String(asked.body.model)] ?? 'f'))
        else rest(asked, response)
      },
      async (provider) => {
        expect(await provider.load('helper', {}, context())).toMatchObject({ name: 'helper', memoryBytes: 5, loadedBy: 'us' })
        expect((await provider.loaded(notAborted())).map(({ name }) => name)).toEqual(['other:latest', 'helper'])
        await provider.load('base', {}, context())
        expect((await provider.loaded(notAborted())).map(({ name }) => name)).toEqual(['other:latest', 'base:latest'])
      },
    )
  })

  it('other weights are not taken for them', async () => {
    const answer = answering({
      'GET /api/ps': [none, ps('base:latest')],
      'POST /api/generate': loaded,
      'POST /api/show': [weights('a'), weights('b')],
    })
    await withOllama(answer, async (provider) => {
      expect((await failureOf(provider.load('helper', {}, context()))).code).toBe('conflict')
    })
  })
})
