/** A model is brought to a router's folder, which is told to read it again, and taken away again. */
import { mkdir, mkdtemp, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createLlamaCpp } from '../../../src/providers/llamacpp/index.ts'
import type { Importing, ImportModel, Provider, Removing } from '../../../src/providers/provider.ts'
import { type FakeLlamaServer, fakeLlamaServer } from '../../../src/testing/fakes/fake-llama-server.ts'
import { tinyGguf } from '../../../src/testing/gguf/tiny-gguf.ts'
import { filesBelow, importing, modelIn } from '../../support/import-model.ts'
import { notAborted, providerConfig, textOf } from '../openai-chat/scripted-engine.ts'

interface Scene {
  readonly provider: Provider
  readonly importing: Importing
  readonly removing: Removing
  readonly engine: FakeLlamaServer
  readonly folder: string
  readonly library: string
}

async function withRouter(run: (scene: Scene) => Promise<void>, over: { listedMs?: number; elsewhere?: boolean } = {}): Promise<void> {
  const base = await mkdtemp(join(tmpdir(), 'modelyard-router-'))
  const [folder, library] = [join(base, 'models'), join(base, 'library')]
  await Promise.all([mkdir(folder), mkdir(library), mkdir(join(base, 'other'))])
  await using engine = await fakeLlamaServer({ router: true, modelsDir: over.elsewhere ? join(base, 'other') : folder })
  const config = providerConfig({ kind: 'llamacpp', baseUrl: engine.url, modelsDir: folder })
  const provider = createLlamaCpp(config, { library, ...over })
  try {
    if (!provider.importing || !provider.removing) throw new TypeError('it imports nothing')
    await run({ provider, importing: provider.importing, removing: provider.removing, engine, folder, library })
  } finally {
    await provider.close()
    await rm(base, { recursive: true, force: true })
  }
}

const names = async ({ provider }: Scene): Promise<string[]> => (await provider.list(notAborted())).map(({ name }) => name)
const perform = async (scene: Scene, model: ImportModel) =>
  scene.importing.perform(model, await scene.importing.plan(model, notAborted()), importing())
const code = (error: string) => ({ code: error })

const single = { repo: 'lab/one', weights: { 'One-Q4_K_M.gguf': 'weights' } }
const seeing = { repo: 'lab/eyes', weights: { 'Eyes-Q8_0.GGUF': 'weights' }, projector: { name: 'vision-F16.gguf', bytes: 'eyes' } }
const shards = { repo: 'lab/big', weights: { 'Big-00001-of-00002.gguf': 'first', 'Big-00002-of-00002.gguf': 'second' } }

describe('a model for a router', () => {
  it('lies flat when it is one file, in a folder of its own when it is more, and is listed without a restart', async () => {
    await withRouter(async (scene) => {
      await scene.provider.probe(notAborted())
      expect(scene.provider.capabilities).toMatchObject({ import: 'place-file', remove: 'files' })
      const model = await modelIn(scene.library, single)
      const decision = await scene.importing.plan(model, notAborted())
      expect(decision).toMatchObject({ strategy: expect.stringMatching(/^(reflink|hard-link)$/), name: 'One-Q4_K_M', extraBytes: 0 })
      expect(await readdir(scene.folder)).toEqual([])
      expect((await scene.importing.perform(model, decision, importing())).name).toBe('One-Q4_K_M')
      expect((await perform(scene, await modelIn(scene.library, seeing))).name).toBe('Eyes-Q8_0')
      expect((await perform(scene, await modelIn(scene.library, shards))).name).toBe('Big')
      expect(await filesBelow(scene.folder)).toEqual([
        'Big/Big-00001-of-00002.gguf',
        'Big/Big-00002-of-00002.gguf',
        'Eyes-Q8_0/Eyes-Q8_0.gguf',
        'Eyes-Q8_0/mmproj-vision-F16.gguf',
        'One-Q4_K_M.gguf',
      ])
      expect((await names(scene)).sort()).toEqual(['Big', 'Eyes-Q8_0', 'One-Q4_K_M'])
      expect(scene.engine.ledger.filter(({ query }) => query.get('reload') === '1')).toHaveLength(3)
      if (decision.strategy === 'hard-link') expect((await stat(model.weights[0]?.path ?? '')).nlink).toBe(2)
    })
  })

  it('is present when it lies there, and a conflict when another takes its name', async () => {
    await withRouter(async (scene) => {
      const one = await modelIn(scene.library, single)
      await perform(scene, one)
      expect(await scene.importing.plan(one, notAborted())).toMatchObject({ strategy: 'present', name: 'One-Q4_K_M' })
      expect((await perform(scene, one)).added).toEqual([])
      const other = await modelIn(scene.library, { ...single, repo: 'somebody/else', weights: { 'One-Q4_K_M.gguf': 'other weights' } })
      await expect(scene.importing.plan(other, notAborted())).rejects.toMatchObject(code('conflict'))
      // A file and a folder of one name are one model to the router, and so are two models in one folder.
      const twin = await modelIn(scene.library, { ...seeing, weights: { 'One-Q4_K_M.gguf': 'weights' } })
      await expect(scene.importing.plan(twin, notAborted())).rejects.toMatchObject(code('conflict'))
      await mkdir(join(scene.folder, 'Big'))
      await writeFile(join(scene.folder, 'Big/another.gguf'), 'another')
      await expect(scene.importing.plan(await modelIn(scene.library, shards), notAborted())).rejects.toMatchObject(code('conflict'))
      expect(await filesBelow(scene.folder)).toEqual(['Big/another.gguf', 'One-Q4_K_M.gguf'])
    })
  })

  it('comes whole or not at all: aborted, or not listed', async () => {
    await withRouter(async (scene) => {
      const model = await modelIn(scene.library, shards)
      const decision = await scene.importing.plan(model, notAborted())
      const abort = new AbortController()
      const performing = scene.importing.perform(model, decision, { signal: abort.signal, onAdding: async () => abort.abort() })
      await expect(performing).rejects.toMatchObject(code('cancelled'))
      expect(await readdir(scene.folder)).toEqual([])
    })
    await withRouter(
      async (scene) => {
        await expect(perform(scene, await modelIn(scene.library, shards))).rejects.toMatchObject(code('import_failed'))
        expect(await readdir(scene.folder)).toEqual([])
      },
      { elsewhere: true, listedMs: 200 },
    )
  })

  it('is taken back alone, whether the router runs or not', async () => {
    await withRouter(async (scene) => {
      await perform(scene, await modelIn(scene.library, single))
      const { added } = await perform(scene, await modelIn(scene.library, seeing))
      await scene.importing.undo(added, notAborted())
      expect([await names(scene), await filesBelow(scene.folder)]).toEqual([['One-Q4_K_M'], ['One-Q4_K_M.gguf']])
      const again = await perform(scene, await modelIn(scene.library, shards))
      await scene.engine.close()
      await scene.importing.undo(again.added, notAborted())
      expect(await filesBelow(scene.folder)).toEqual(['One-Q4_K_M.gguf'])
    })
  })

  it('leaves what somebody else put under its name, and takes for its own only what it recorded', async () => {
    await withRouter(async (scene) => {
      const model = await modelIn(scene.library, single)
      const { added } = await perform(scene, model)
      const decision = await scene.importing.plan(model, notAborted())
      expect((await scene.importing.perform(model, decision, importing({ recorded: added }))).added).toEqual(added)
      expect((await perform(scene, model)).added).toEqual([])
      const path = join(scene.folder, 'One-Q4_K_M.gguf')
      await rm(path)
      await writeFile(path, 'theirs!')
      await utimes(path, 1_000_000, 1_000_000)
      await scene.importing.undo(added, notAborted())
      await scene.importing.undo([{ kind: 'file', what: path }], notAborted())
      expect([await names(scene), await filesBelow(scene.folder)]).toEqual([['One-Q4_K_M'], ['One-Q4_K_M.gguf']])
    })
  })

  it('is not for a server with one model, nor for one on another machine', async () => {
    await using engine = await fakeLlamaServer({ models: [{ name: 'alpha' }] })
    const provider = createLlamaCpp(providerConfig({ kind: 'llamacpp', baseUrl: engine.url, modelsDir: tmpdir() }))
    await provider.probe(notAborted())
    expect(provider.capabilities).toMatchObject({ import: 'none', remove: 'none' })
    const model = { repo: 'lab/one', weights: [{ name: 'one.gguf', bytes: 1 }] }
    await expect(provider.importing?.plan(model, notAborted())).rejects.toMatchObject(code('unsupported_operation'))
    await provider.close()
    const far = createLlamaCpp(providerConfig({ kind: 'llamacpp', baseUrl: 'http://host.invalid:8080', modelsDir: tmpdir() }))
    expect([far.importing, far.removing, far.files]).toEqual([undefined, undefined, undefined])
    await far.close()
  })
})

describe('what a router holds', () => {
  it('is told with its files, and removed with them: its own and no other’s', async () => {
    await withRouter(async (scene) => {
      await perform(scene, await modelIn(scene.library, single))
      await perform(scene, await modelIn(scene.library, seeing))
      const told = await scene.provider.files?.(notAborted())
      expect(told?.map(({ name, bytes, role }) => [name, bytes, role])).toEqual([
        ['One-Q4_K_M', 7, 'weights'],
        ['Eyes-Q8_0', 7, 'weights'],
        ['Eyes-Q8_0', 4, 'projector'],
      ])
      expect(await scene.provider.files?.(notAborted(), 'Eyes-Q8_0')).toHaveLength(2)
      const plan = await scene.removing.plan('Eyes-Q8_0', notAborted())
      expect([plan.removed.length, plan.foreign]).toEqual([2, []])
      await scene.removing.perform('Eyes-Q8_0', { foreign: false }, notAborted())
      expect([await names(scene), await filesBelow(scene.folder)]).toEqual([['One-Q4_K_M'], ['One-Q4_K_M.gguf']])
      await expect(scene.removing.plan('Eyes-Q8_0', notAborted())).rejects.toMatchObject(code('model_not_found'))
    })
  })

  it('is somebody else’s unless the library has it too, a copy of it included', async () => {
    await withRouter(async (scene) => {
      await writeFile(join(scene.folder, 'theirs.gguf'), 'theirs')
      await writeFile(join(scene.folder, 'copied.gguf'), 'the same bytes')
      await writeFile(join(scene.folder, 'alike.gguf'), 'other bytes!!!')
      await modelIn(scene.library, { weights: { 'copied.gguf': 'the same bytes', 'alike.gguf': 'the same bytes' } })
      await fetch(`${scene.engine.url}/models?reload=1`).then((answer) => answer.arrayBuffer())
      const foreign = async (name: string) => (await scene.removing.plan(name, notAborted())).foreign.length
      expect(await Promise.all(['theirs', 'copied', 'alike'].map(foreign))).toEqual([1, 0, 1])
      await expect(scene.removing.perform('theirs', { foreign: false }, notAborted())).rejects.toMatchObject(code('foreign_files'))
      await scene.removing.perform('theirs', { foreign: true }, notAborted())
      expect(await filesBelow(scene.folder)).toEqual(['alike.gguf', 'copied.gguf'])
    })
  })

  it('is left alone where its files are not certain, or reached by a link', async () => {
    await withRouter(async (scene) => {
      await mkdir(join(scene.folder, 'mixed'))
      for (const name of ['a.gguf', 'b.gguf']) await writeFile(join(scene.folder, 'mixed', name), name)
      await writeFile(join(scene.library, 'outside.gguf'), 'outside')
      await symlink(join(scene.library, 'outside.gguf'), join(scene.folder, 'linked.gguf'))
      await fetch(`${scene.engine.url}/models?reload=1`).then((answer) => answer.arrayBuffer())
      await expect(scene.removing.plan('mixed', notAborted())).rejects.toMatchObject(code('unsupported_operation'))
      expect(await scene.removing.plan('linked', notAborted())).toMatchObject({ removed: [], kept: [{ why: 'it is a link' }] })
      await rename(join(scene.folder, 'mixed'), join(scene.folder, 'gone'))
      await expect(scene.removing.plan('mixed', notAborted())).rejects.toMatchObject(code('unsupported_operation'))
    })
  })
})

/** The whole of it on a real llama-server, where one is named. */
const command = process.env.MODELYARD_LIVE_LLAMA_SERVER

describe('a real router', () => {
  it.skipIf(!command)('lists what is placed without a restart, loads it, answers, and forgets it', async () => {
    const base = await mkdtemp(join(tmpdir(), 'modelyard-router-'))
    await using free = await fakeLlamaServer()
    await free.close()
    const [modelsDir, library] = [join(base, 'models'), join(base, 'library')]
    await mkdir(modelsDir)
    const provider = createLlamaCpp(providerConfig({ kind: 'llamacpp', baseUrl: free.url, modelsDir, command }), { library })
    try {
      await provider.start?.(AbortSignal.timeout(30_000))
      const model = await modelIn(library, { repo: 'lab/tiny', weights: { 'Tiny-F32.gguf': tinyGguf() } })
      const decision = await provider.importing?.plan(model, notAborted())
      if (!decision) throw new TypeError('it imports nothing')
      const imported = await provider.importing?.perform(model, decision, importing())
      expect(imported?.name).toBe('Tiny-F32')
      await provider.load('Tiny-F32', {}, { signal: AbortSignal.timeout(30_000) })
      const parts = []
      const request = { model: 'Tiny-F32', messages: [{ role: 'user' as const, content: 'Hello' }], maxTokens: 8 }
      for await (const part of provider.chat(request, { signal: AbortSignal.timeout(30_000) })) parts.push(part)
      expect(textOf(parts)).not.toBe('')
      await provider.unload({ name: 'Tiny-F32' }, AbortSignal.timeout(30_000))
      await provider.importing?.undo(imported?.added ?? [], notAborted())
      expect([await provider.list(notAborted()), await readdir(modelsDir)]).toEqual([[], []])
    } finally {
      await provider.close()
      await rm(base, { recursive: true, force: true })
    }
  })
})
