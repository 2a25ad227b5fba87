import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createLmStudio } from '../../../src/providers/lmstudio/index.ts'
import type { Provider } from '../../../src/providers/provider.ts'
import { chatParts, notAborted, providerConfig, scriptedEngine, sendJson, textOf } from '../openai-chat/scripted-engine.ts'
import { fakeStudio, keys, type Studio, type StudioScript, userHome } from './fake-studio.ts'

const [key, vision, embedding] = keys
const nowhere = '/nonexistent'

async function withStudio(
  script: StudioScript,
  run: (provider: Provider, studio: Studio) => Promise<void>,
  over: { apiKey?: string; lms?: string } = {},
) {
  await using studio = await fakeStudio(script)
  const provider = createLmStudio(providerConfig({ kind: 'lmstudio', baseUrl: studio.engine.url, ...over }), { userHome: nowhere })
  try {
    await run(provider, studio)
  } finally {
    await provider.close()
  }
}

const context = () => ({ signal: notAborted() })
const calls = (studio: Studio, line: string) => studio.engine.asked.filter(({ method, path }) => `${method} ${path}` === line)
const loads = (studio: Studio) => calls(studio, 'POST /api/v1/models/load')

describe('which API LM Studio has', () => {
  it.each([
    ['v1', { load: 'blocking', unload: 'sync', loadedState: true, contextLength: 'per-load', keepAlive: false }],
    ['v0', { load: 'lazy', unload: 'none', loadedState: true, contextLength: 'fixed', keepAlive: true }],
    ['openai', { load: 'lazy', unload: 'none', loadedState: false }],
  ] as const)('%s is a matter of capabilities', async (level, expected) => {
    await withStudio({ level }, async (provider) => {
      expect(await provider.probe(notAborted())).toMatchObject({ state: 'ready', capabilities: expected })
      expect(provider.capabilities).toMatchObject(expected)
      expect((await provider.list(notAborted())).map(({ name, kind }) => [name, kind])).toEqual([
        [key, 'chat'],
        [vision, 'chat'],
        [embedding, 'embedding'],
      ])
      expect((await chatParts(provider, key)).map((part) => part.type)).toEqual(['start', 'reasoning', 'delta', 'end'])
    })
  })

  it('is seen again by the next probe, and without any probe', async () => {
    await withStudio({ level: 'v0' }, async (provider) => {
      expect(await provider.list(notAborted())).toHaveLength(3)
      expect(provider.capabilities.load).toBe('lazy')
    })
  })

  it('needs a greeting: anything else is an impostor, and gets no key', async () => {
    await using engine = await scriptedEngine((_, response) => sendJson(response, 200, { object: 'list', data: [] }))
    const provider = createLmStudio(providerConfig({ kind: 'lmstudio', baseUrl: engine.url, apiKey: 'k' }), { userHome: nowhere })
    expect((await provider.probe(notAborted())).state).toBe('impostor')
    expect(engine.asked.map(({ headers }) => headers.authorization)).toEqual([undefined])
    await provider.close()
  })

  it('asks for a key by 401', async () => {
    await withStudio({ token: 'abc' }, async (provider) => expect((await provider.probe(notAborted())).state).toBe('unauthorized'))
    await withStudio({ token: 'abc' }, async (provider) => expect((await provider.probe(notAborted())).state).toBe('ready'), {
      apiKey: 'abc',
    })
  })
})

describe('LM Studio with its 0.4 API', () => {
  it('tells of its models what there is to tell', async () => {
    await withStudio({ loaded: { mine: { key, context: 8192 } } }, async (provider) => {
      const [first, second] = await provider.list(notAborted())
      expect(first).toMatchObject({
        displayName: 'Model 0',
        family: 'qwen3',
        parameters: '8B',
        quantization: 'Q4_K_M',
        sizeBytes: 5e9,
        contextLength: 40960,
        format: 'gguf',
        capabilities: ['completion', 'tools', 'reasoning'],
      })
      expect(second?.capabilities).toEqual(['completion', 'tools', 'vision'])
      expect(await provider.loaded(notAborted())).toEqual([
        { name: key, instanceId: 'mine', contextLength: 8192, load: { contextLength: 8192 }, loadedBy: 'other', state: 'ready' },
      ])
    })
  })

  it('loads with a context only when one was asked for, and says the true one', async () => {
    await withStudio({ maxContext: 2048 }, async (provider, studio) => {
      expect(await provider.load(key, {}, context())).toMatchObject({ name: key, instanceId: key, contextLength: 2048, loadedBy: 'us' })
      expect(loads(studio)[0]?.body).toEqual({ model: key, echo_load_config: true })
    })
    await withStudio({ maxContext: 2048 }, async (provider, studio) => {
      expect(await provider.load(key, { contextLength: 8192 }, context())).toMatchObject({ contextLength: 2048 })
      expect(loads(studio)[0]?.body).toEqual({ model: key, echo_load_config: true, context_length: 8192 })
    })
  })

  it('makes no second instance of what is there, but another where the context differs, and asks that one', async () => {
    await withStudio({ loaded: { [key]: { key, context: 4096 } } }, async (provider, studio) => {
      expect(await provider.load(key, {}, context())).toMatchObject({ instanceId: key, loadedBy: 'other' })
      expect(await provider.load(key, { contextLength: 4096 }, context())).toMatchObject({ instanceId: key })
      expect(loads(studio)).toHaveLength(0)
      expect(await provider.load(key, { contextLength: 512 }, context())).toMatchObject({
        instanceId: `${key}:2`,
        contextLength: 512,
        loadedBy: 'us',
      })
      const parts = await chatParts(provider, key)
      expect(calls(studio, 'POST /v1/chat/completions').at(-1)?.body.model).toBe(`${key}:2`)
      expect(parts[0]).toEqual({ type: 'start', model: key })
      expect(provider.sameModel(`${key}:2`, key)).toBe(true)
      expect(provider.sameModel(vision, key)).toBe(false)
    })
  })

  it('does not call its own what somebody else unloaded and loaded again', async () => {
    await withStudio({}, async (provider, studio) => {
      await provider.load(key, {}, context())
      expect(await provider.loaded(notAborted())).toMatchObject([{ loadedBy: 'us' }])
      studio.instances.clear()
      expect(await provider.loaded(notAborted())).toEqual([])
      studio.instances.set(key, { key, context: 4096 })
      expect(await provider.loaded(notAborted())).toMatchObject([{ loadedBy: 'other' }])
    })
  })

  it('unloads one instance, or all of a model, or nothing', async () => {
    const loaded = { a: { key, context: 1 }, b: { key, context: 2 }, c: { key: vision, context: 3 } }
    await withStudio({ loaded }, async (provider, studio) => {
      await provider.unload({ name: key, instanceId: 'a' }, notAborted())
      expect([...studio.instances.keys()]).toEqual(['b', 'c'])
      await provider.unload({ name: key }, notAborted())
      expect([...studio.instances.keys()]).toEqual(['c'])
      await provider.unload({ name: key }, notAborted())
      await provider.unload({ name: 'unknown' }, notAborted())
      expect(calls(studio, 'POST /api/v1/models/unload').map(({ body }) => body)).toEqual([{ instance_id: 'a' }, { instance_id: 'b' }])
    })
  })

  it('unloads when it comes what was aborted while it loaded', async () => {
    await withStudio({ holdLoads: true }, async (provider, studio) => {
      const abort = new AbortController()
      const loading = provider.load(key, {}, { signal: abort.signal })
      const refused = expect(loading).rejects.toMatchObject({ code: 'cancelled' })
      await expect.poll(() => loads(studio).length).toBe(1)
      abort.abort()
      await refused
      studio.releaseLoads()
      await expect.poll(() => calls(studio, 'POST /api/v1/models/unload').length).toBe(1)
      expect(studio.instances.size).toBe(0)
    })
  })

  it.each([
    [{ type: 'model_not_found', message: 'Model x not found' }, 'model_not_found'],
    [{ type: 'internal_error', message: 'Failed to load model: insufficient system resources' }, 'out_of_memory'],
    [{ type: 'internal_error', message: 'Error loading model. (Exit code: 18446744072635812000)' }, 'load_failed'],
    [{ type: 'unknown', message: 'something else' }, 'load_failed'],
  ])('a load that fails with %j is %s', async (failLoad, code) => {
    await withStudio({ failLoad }, async (provider) => {
      await expect(provider.load(key, {}, context())).rejects.toMatchObject({ code })
    })
  })

  it('refuses what this API cannot set, before anything is loaded', async () => {
    await withStudio({}, async (provider, studio) => {
      await expect(provider.load(key, { gpuLayers: 5 }, context())).rejects.toMatchObject({ code: 'unsupported_operation' })
      await expect(provider.load(key, { keepAlive: '5m' }, context())).rejects.toMatchObject({ code: 'unsupported_operation' })
      await expect(provider.load('unknown', {}, context())).rejects.toMatchObject({ code: 'model_not_found' })
      expect(loads(studio)).toHaveLength(0)
    })
  })

  it('does not trust what it reads', async () => {
    const models = [
      { type: 'llm', key: '\u001b[31mx' },
      { type: 'llm', key: 7 },
      'x',
      null,
      {
        type: 'llm',
        key: 'ok',
        size_bytes: 'big',
        quantization: 3,
        loaded_instances: [{ id: 1 }, null],
        max_context_length: -1,
        display_name: '\u001b[2Jname',
      },
    ]
    await using engine = await scriptedEngine(({ path }, response) =>
      sendJson(response, 200, path === '/lmstudio-greeting' ? { lmstudio: true } : { models }),
    )
    const provider = createLmStudio(providerConfig({ kind: 'lmstudio', baseUrl: engine.url }), { userHome: nowhere })
    expect(await provider.list(notAborted())).toEqual([{ name: 'ok', kind: 'chat', capabilities: ['completion'], displayName: 'name' }])
    expect(await provider.loaded(notAborted())).toEqual([])
    await provider.close()
  })
})

describe('LM Studio with its older APIs', () => {
  it('loads by the first request, which carries how long to keep it', async () => {
    await withStudio({ level: 'v0' }, async (provider, studio) => {
      expect(await provider.load(key, { keepAlive: '1h30m' }, context())).toEqual({ name: key, loadedBy: 'us' })
      await chatParts(provider, key, { load: { keepAlive: '1h30m' } })
      expect(calls(studio, 'POST /v1/chat/completions')[0]?.body).toMatchObject({ model: key, ttl: 5400 })
      await expect(provider.unload({ name: key }, notAborted())).rejects.toMatchObject({ code: 'unsupported_operation' })
      await expect(provider.load(key, { contextLength: 8192 }, context())).rejects.toMatchObject({ code: 'unsupported_operation' })
    })
  })

  it('says what is loaded', async () => {
    await withStudio({ level: 'v0', loaded: { [key]: { key, context: 4096 } } }, async (provider) => {
      expect(await provider.loaded(notAborted())).toMatchObject([{ name: key, instanceId: key, contextLength: 4096 }])
      expect(await provider.load(key, { contextLength: 4096 }, context())).toMatchObject({ contextLength: 4096 })
    })
  })

  it('unloads by its command, and believes the list, not the exit code', async () => {
    await using studio = await fakeStudio({ level: 'v0', loaded: { [key]: { key, context: 4096 } } })
    await using home = await userHome(`fetch('${studio.engine.url}/gone')`)
    const provider = createLmStudio(providerConfig({ kind: 'lmstudio', baseUrl: studio.engine.url }), { userHome: home.path })
    expect((await provider.probe(notAborted())).capabilities).toMatchObject({ unload: 'sync', start: true })
    const unloading = provider.unload({ name: key }, notAborted())
    await expect.poll(() => studio.engine.lines().filter((line) => line === 'GET /gone').length).toBe(1)
    studio.instances.clear()
    await unloading
    expect(await readFile(home.log, 'utf8')).toBe(`unload ${key} \n`)
    await provider.close()
  })
})

describe('LM Studio whose server does not run', () => {
  async function closedPort(): Promise<string> {
    const gone = await scriptedEngine(() => undefined)
    await gone[Symbol.asyncDispose]()
    return gone.url
  }

  it('is not installed, stopped, or elsewhere and unreachable', async () => {
    const baseUrl = await closedPort()
    const probe = (userHomePath: string, over = {}) =>
      createLmStudio(providerConfig({ kind: 'lmstudio', baseUrl, ...over }), { userHome: userHomePath }).probe(notAborted())
    await using bare = await userHome()
    await using whole = await userHome('')
    expect(await probe(nowhere)).toMatchObject({ state: 'not_installed' })
    expect(await probe(bare.path)).toMatchObject({
      state: 'stopped',
      capabilities: { start: false },
      hint: expect.stringContaining('Developer'),
    })
    expect(await probe(whole.path)).toMatchObject({
      state: 'stopped',
      capabilities: { start: true },
      hint: expect.stringContaining('providers start lmstudio'),
    })
    expect(await probe(nowhere, { lms: whole.lms })).toMatchObject({ state: 'stopped', capabilities: { start: true } })
    expect(await probe(whole.path, { baseUrl: 'http://host.invalid:1234' })).toMatchObject({ state: 'unreachable' })
  })

  it('is started by its command on our port, which gets no token of ours, and waited for', async () => {
    const baseUrl = await closedPort()
    const port = Number(new URL(baseUrl).port)
    const server = `const s = require('node:http').createServer((q, r) => r.end(JSON.stringify({ lmstudio: true }), () => { if (q.url === '/stop') process.exit() })).listen(${port}, '127.0.0.1')`
    const detached = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(server)}], { detached: true, stdio: 'ignore' }).unref()`
    await using home = await userHome(detached)
    const provider = createLmStudio(providerConfig({ kind: 'lmstudio', baseUrl }), { userHome: home.path })
    process.env.MODELYARD_TOKEN = 'mdy_secret'
    try {
      await provider.start?.(notAborted())
      await provider.start?.(notAborted())
      expect(await readFile(home.log, 'utf8')).toBe(`server start --port ${port} \n`)
    } finally {
      delete process.env.MODELYARD_TOKEN
      await provider.close()
      await fetch(`${baseUrl}/stop`).catch(() => undefined)
    }
  })

  it('says why its command failed', async () => {
    const baseUrl = await closedPort()
    await using home = await userHome(`console.error('\\u001b[31mcould not wake the app\\u001b[0m'); process.exit(1)`)
    const provider = createLmStudio(providerConfig({ kind: 'lmstudio', baseUrl }), { userHome: home.path })
    await expect(provider.start?.(notAborted())).rejects.toMatchObject({
      code: 'provider_error',
      message: expect.stringMatching(/could not wake the app$/),
    })
    await provider.close()
  })

  it('cannot be started without its command', async () => {
    const provider = createLmStudio(providerConfig({ kind: 'lmstudio', baseUrl: await closedPort() }), { userHome: nowhere })
    await expect(provider.start?.(notAborted())).rejects.toMatchObject({ code: 'unsupported_operation' })
  })
})

it('the text of an answer is whole', async () => {
  await withStudio({}, async (provider) => expect(textOf(await chatParts(provider, key))).toBe('Hello'))
})
