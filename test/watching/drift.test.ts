/** What differs from what is believed is seen, said, and gone again when it does not differ any more. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type FakeOllama, fakeOllama } from '../../src/testing/fakes/fake-ollama.ts'
import { judge } from '../../src/watching/drift.ts'
import { type TestYard, testYard } from '../support/test-yard.ts'

const models = [{ name: 'alpha' }, { name: 'beta' }]

async function serving(run: (test: TestYard, engine: FakeOllama) => Promise<void>): Promise<void> {
  await using engine = await fakeOllama({ models })
  await using test = await testYard({ providers: { ollama: { kind: 'ollama', baseUrl: engine.url } } })
  await test.yard.slot('default').switch('alpha', { load: { contextLength: 2048 } })
  await test.yard.detect()
  await run(test, engine)
}

const kinds = async ({ yard }: TestYard): Promise<string[]> => {
  await yard.detect()
  return (await yard.status()).drift.map((one) => one.kind)
}

describe('drift', () => {
  it('is nothing while all is as it should be', () => serving(async (test) => expect(await kinds(test)).toEqual([])))

  it('is seen without anybody asking, while a slot serves', async () => {
    await serving(async (test, engine) => {
      const told = test.waitFor((event) => event.type === 'drift.changed' && event.drift.some((one) => one.kind === 'model_not_loaded'))
      engine.shelf.unload('alpha')
      expect(await told).toMatchObject({ drift: [{ slot: 'default', ref: 'ollama/alpha:latest' }] })
    })
  })

  it('is a model that somebody unloaded, until it is loaded again', async () => {
    await serving(async (test, engine) => {
      engine.shelf.unload('alpha')
      expect(await kinds(test)).toEqual(['model_not_loaded'])
      expect(test.yard.slots.get('default')).not.toHaveProperty('idle')
      const since = (await test.yard.status()).drift[0]?.since
      expect(await kinds(test)).toEqual(['model_not_loaded'])
      expect((await test.yard.status()).drift[0]?.since).toBe(since)
      await test.yard.chat().complete({ messages: [{ role: 'user', content: 'x' }], maxTokens: 1 })
      expect(await kinds(test)).toEqual([])
    })
  })

  it('is no drift but idle when the engine unloaded it as agreed', async () => {
    await serving(async (test, engine) => {
      const instance = engine.shelf.loaded.get('alpha')
      if (instance) instance.expiresAt = Date.now() + 500
      expect(await kinds(test)).toEqual([])
      engine.shelf.unload('alpha')
      expect(await kinds(test)).toEqual([])
      expect(test.yard.slots.get('default')).toMatchObject({ state: 'serving', idle: true })
    })
  })

  it('is a model that is gone, one that runs with other options, and an engine that died', async () => {
    await serving(async (test, engine) => {
      const instance = engine.shelf.loaded.get('alpha')
      if (instance) instance.contextLength = 512
      expect(await kinds(test)).toEqual(['foreign_load_options'])
      const last = test.events.at(-1)?.seq ?? 0
      engine.shelf.models.splice(0, 1)
      const changed = test.waitFor((event) => event.type === 'models.changed' && event.seq > last)
      expect(await kinds(test)).toEqual(['model_missing'])
      await changed
      await engine.close()
      expect(await kinds(test)).toEqual(['provider_down'])
      await test.waitFor((event) => event.type === 'provider.changed' && event.provider.state !== 'ready')
      const finding = (await test.yard.doctor()).find((one) => one.id === 'provider:ollama')
      expect(finding).toMatchObject({ level: 'error' })
    })
  })

  it('is a .env that was edited by hand, and one that cannot be read', async () => {
    await serving(async (test) => {
      const path = join(test.home, '.env')
      await writeFile(path, 'MODELYARD_MODEL=beta:latest\nMODELYARD_PROVIDER=ollama\n')
      expect(await kinds(test)).toEqual(['env_changed'])
      await writeFile(path, 'MODELYARD_MODEL=a\nMODELYARD_MODEL=b\n')
      expect(await kinds(test)).toEqual(['env_unreadable'])
      await rm(path)
      expect(await kinds(test)).toEqual(['env_changed'])
      await test.yard.slot('default').switch('beta')
      expect(await kinds(test)).toEqual([])
    })
  })

  it('is not judged before an engine was looked at', () => {
    expect(judge({ belief: { slot: 's', provider: 'p', name: 'm' }, seen: undefined, last: undefined, now: 0 })).toEqual({
      differences: [],
      idle: false,
    })
  })
})

describe('lists', () => {
  it('one silent engine is reported and delays nobody but itself', async () => {
    await using engine = await fakeOllama({ models })
    await using broken = await fakeOllama({ models })
    broken.faults.add({ fault: { kind: 'truncated-json' } })
    await using test = await testYard({
      providers: { ollama: { kind: 'ollama', baseUrl: engine.url }, other: { kind: 'ollama', baseUrl: broken.url } },
    })
    const { models: listed, providers } = await test.yard.models.list()
    expect(listed.map((one) => one.ref)).toEqual(['ollama/alpha:latest', 'ollama/beta:latest'])
    expect(providers.find((one) => one.id === 'other')).toMatchObject({ error: { code: expect.stringMatching(/^provider_/) } })
    expect(providers.find((one) => one.id === 'ollama')).toEqual({ id: 'ollama', state: 'ready' })
  })

  it('kinds can be overruled, and embedding models are left out unless asked for', async () => {
    await using engine = await fakeOllama({ models: [...models, { name: 'embedder', kind: 'embedding' }] })
    await using test = await testYard({
      providers: { ollama: { kind: 'ollama', baseUrl: engine.url } },
      models: { 'ollama/beta:latest': { kind: 'other' } },
    })
    const refs = async (kind?: 'chat' | 'all') => (await test.yard.models.list({ kind })).models.map((one) => one.name)
    expect(await refs()).toEqual(['alpha:latest'])
    expect(await refs('all')).toEqual(['alpha:latest', 'beta:latest', 'embedder:latest'])
    await test.yard.models.update('ollama/beta', { kind: 'chat' })
    expect(await refs()).toEqual(['alpha:latest', 'beta:latest'])
  })
})
