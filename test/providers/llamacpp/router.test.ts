import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createLlamaCpp } from '../../../src/providers/llamacpp/index.ts'
import type { Provider } from '../../../src/providers/provider.ts'
import {
  type Asked,
  chatParts,
  notAborted,
  providerConfig,
  recording,
  recordings,
  replay,
  type ScriptedEngine,
  scriptedEngine,
  sendJson,
  textOf,
} from '../openai-chat/scripted-engine.ts'

const folder = 'llama-server/0c1e570-router'
const file = (number: string): string => `${folder}/${recordings(folder).find((name) => name.startsWith(number))}`

/** A router whose `/models` answers go through these recordings, the last one again and again. */
async function withRouter(
  scene: { models: string[]; other?: (asked: Asked, response: ServerResponse) => boolean },
  run: (provider: Provider, engine: ScriptedEngine) => Promise<void>,
) {
  const queue = [...scene.models]
  await using engine = await scriptedEngine((asked, response) => {
    if (scene.other?.(asked, response)) return
    if (asked.path === '/health') replay(response, file('01'))
    else if (asked.path === '/props') replay(response, file('02'))
    else if (asked.path === '/models') replay(response, file((queue.length > 1 ? queue.shift() : queue[0]) ?? '03'))
    else sendJson(response, 404, recording(file('09')).response.json)
  })
  const provider = createLlamaCpp(providerConfig({ kind: 'llamacpp', baseUrl: engine.url }))
  try {
    await run(provider, engine)
  } finally {
    await provider.close()
  }
}

const on = (line: string, number: string) => (asked: Asked, response: ServerResponse) => {
  if (`${asked.method} ${asked.path}` !== line) return false
  replay(response, file(number))
  return true
}

const answering = (path: string, body: unknown) => (asked: Asked, response: ServerResponse) => {
  if (asked.path !== path) return false
  sendJson(response, 200, body)
  return true
}

const context = () => ({ signal: notAborted() })

describe('a llama.cpp router', () => {
  it('is found, with what it can do as a router', async () => {
    await withRouter({ models: ['03'] }, async (provider) => {
      const found = await provider.probe(notAborted())
      expect(found).toMatchObject({
        state: 'ready',
        version: 'b1-0c1e570',
        capabilities: { load: 'polled', unload: 'async', multipleModels: false, loadedState: true },
      })
      expect(provider.capabilities).toEqual(found.capabilities)
    })
  })

  it('lists every model, loaded or not, and no path of their files', async () => {
    await withRouter({ models: ['07'] }, async (provider) => {
      const models = await provider.list(notAborted())
      expect(models.map((model) => model.name)).toEqual(['junk', 'tiny-a', 'tiny-b'])
      expect(models[1]).toMatchObject({
        kind: 'chat',
        capabilities: ['completion'],
        parameters: '123K',
        quantization: 'F32',
        sizeBytes: 492800,
        contextLength: 512,
      })
      expect(JSON.stringify(models)).not.toContain('rmodels')
      expect(await provider.loaded(notAborted())).toEqual([
        { name: 'tiny-a', contextLength: 256, load: { contextLength: 256 }, loadedBy: 'other', state: 'ready' },
      ])
    })
  })

  it('knows the size of files on this machine, shards together, and the type by the name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelyard-router-'))
    try {
      for (const part of ['big-Q4_K_M-00001-of-00002', 'big-Q4_K_M-00002-of-00002', 'small'])
        await writeFile(join(folder, `${part}.gguf`), part)
      const entry = (id: string, file: string) => ({
        id,
        status: { value: 'unloaded', args: ['llama-server', '--model', join(folder, file)] },
      })
      const data = [
        entry('big-Q4_K_M', 'big-Q4_K_M-00001-of-00002.gguf'),
        entry('small', 'small.gguf'),
        entry('gone', 'gone.gguf'),
        { id: 'bare' },
      ]
      const listing = answering('/models', { data })
      await withRouter({ models: [], other: listing }, async (provider) => {
        const models = await provider.list(notAborted())
        expect(models.map(({ sizeBytes, quantization }) => [sizeBytes, quantization])).toEqual([
          [50, 'Q4_K_M'],
          [5, undefined],
          [undefined, undefined],
          [undefined, undefined],
        ])
        expect(JSON.stringify(models)).not.toContain(folder)
      })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('says so when the router takes it out of memory again before it was ready', async () => {
    await withRouter({ models: ['03', '06', '18'], other: on('POST /models/load', '05') }, async (provider, engine) => {
      await expect(provider.load('tiny-a', {}, context())).rejects.toMatchObject({
        code: 'load_failed',
        message: expect.stringContaining('unloaded it again'),
      })
      expect(engine.lines().filter((line) => line === 'GET /models')).toHaveLength(3)
    })
  })

  it('loads: told once, then asked until the model is there', async () => {
    await withRouter({ models: ['03', '06', '06', '07'], other: on('POST /models/load', '05') }, async (provider, engine) => {
      const instance = await provider.load('tiny-a', { contextLength: 4096 }, context())
      expect(instance).toMatchObject({ name: 'tiny-a', contextLength: 256, loadedBy: 'us', state: 'ready' })
      expect(engine.asked.find(({ method }) => method === 'POST')?.body).toEqual({ model: 'tiny-a' })
      expect(engine.lines().filter((line) => line === 'GET /models')).toHaveLength(4)
      expect(await provider.loaded(notAborted())).toMatchObject([{ name: 'tiny-a', loadedBy: 'us' }])
    })
  })

  it('takes "already running" for success', async () => {
    await withRouter({ models: ['03', '07'], other: on('POST /models/load', '08') }, async (provider) => {
      expect(await provider.load('tiny-a', {}, context())).toMatchObject({ name: 'tiny-a', loadedBy: 'other' })
    })
  })

  it('does not load again what is loaded', async () => {
    await withRouter({ models: ['07'] }, async (provider, engine) => {
      await provider.load('tiny-a', {}, context())
      expect(engine.lines()).not.toContain('POST /models/load')
    })
  })

  it('says that a model could not be loaded, and with what its process ended', async () => {
    await withRouter({ models: ['07', '15'], other: on('POST /models/load', '14') }, async (provider, engine) => {
      await expect(provider.load('junk', {}, context())).rejects.toMatchObject({
        code: 'load_failed',
        message: expect.stringContaining('code 1'),
        details: { exitCode: 1 },
      })
      expect(engine.lines().filter((line) => line === 'GET /models')).toHaveLength(2)
      expect(await provider.loaded(notAborted())).toEqual([])
    })
  })

  it('knows no model that is not listed', async () => {
    await withRouter({ models: ['03'] }, async (provider) => {
      await expect(provider.load('nope', {}, context())).rejects.toMatchObject({ code: 'model_not_found' })
      await expect(provider.show('nope', notAborted())).rejects.toMatchObject({ code: 'model_not_found' })
    })
    await withRouter({ models: ['03'], other: on('POST /models/load', '09') }, async (provider) => {
      await expect(provider.load('tiny-a', {}, context())).rejects.toMatchObject({ code: 'model_not_found' })
    })
  })

  it('ends in the engine a load that is aborted', async () => {
    const abort = new AbortController()
    const other = (asked: Asked, response: ServerResponse) => {
      if (asked.path === '/models/unload') sendJson(response, 200, { success: true })
      else if (asked.path === '/models/load') replay(response, file('05'))
      else return false
      return true
    }
    let looks = 0
    const watched = (asked: Asked, response: ServerResponse) => {
      if (asked.path === '/models' && ++looks === 3) abort.abort()
      return other(asked, response)
    }
    await withRouter({ models: ['03', '06'], other: watched }, async (provider, engine) => {
      await expect(provider.load('tiny-a', {}, { signal: abort.signal })).rejects.toMatchObject({ code: 'cancelled' })
      expect(engine.asked.at(-1)).toMatchObject({ method: 'POST', path: '/models/unload', body: { model: 'tiny-a' } })
    })
  })

  it('refuses options that it cannot set', async () => {
    await withRouter({ models: ['03'] }, async (provider, engine) => {
      await expect(provider.load('tiny-a', { gpuLayers: 3 }, context())).rejects.toMatchObject({ code: 'unsupported_operation' })
      await expect(provider.load('tiny-a', { keepAlive: '5m' }, context())).rejects.toMatchObject({ code: 'unsupported_operation' })
      expect(engine.lines()).not.toContain('POST /models/load')
    })
  })

  it('unloads: told once, then asked until it is gone', async () => {
    const told = answering('/models/unload', { success: true })
    await withRouter({ models: ['07', '07', '18'], other: told }, async (provider, engine) => {
      await provider.unload({ name: 'tiny-a' }, notAborted())
      expect(engine.lines().slice(-4)).toEqual(['GET /models', 'POST /models/unload', 'GET /models', 'GET /models'])
    })
  })

  it.each(['17', '19', '20'])('takes recording %s, not running or not found, for unloaded', async (number) => {
    await withRouter({ models: ['18'], other: on('POST /models/unload', number) }, async (provider) => {
      await expect(provider.unload({ name: 'tiny-b' }, notAborted())).resolves.toBeUndefined()
      await expect(provider.unload({ name: 'nope' }, notAborted())).resolves.toBeUndefined()
    })
  })

  it('chats, and names what answered', async () => {
    await withRouter({ models: ['07'], other: on('POST /v1/chat/completions', '10') }, async (provider) => {
      const parts = await chatParts(provider, 'tiny-a')
      expect(parts[0]).toEqual({ type: 'start', model: 'tiny-a' })
      expect(textOf(parts)).not.toBe('')
    })
  })

  it.each([
    ['12', 'model_not_found'],
    ['13', 'provider_error'],
    ['16', 'load_failed'],
  ])('a chat refused as in recording %s is %s', async (number, code) => {
    await withRouter({ models: ['03'], other: on('POST /v1/chat/completions', number) }, async (provider) => {
      await expect(chatParts(provider, 'x')).rejects.toMatchObject({ code })
    })
  })
})
