/** A model is brought to LM Studio's folder at the least cost, all of its files or none, and taken away again. */
import { mkdir, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { placeFile } from '../../../src/platform/place-file.ts'
import { createLmStudio } from '../../../src/providers/lmstudio/index.ts'
import type { ImportAddition } from '../../../src/providers/provider.ts'
import { deferred } from '../../../src/util/deferred.ts'
import { filesBelow, importing, modelIn, recordOf } from '../../support/import-model.ts'
import { smallVolume } from '../../support/other-volume.ts'
import { notAborted, providerConfig } from '../openai-chat/scripted-engine.ts'
import { code, type Scene, withStudio } from './with-studio.ts'

const shards = { 'tiny-Q8_0-00001-of-00002.gguf': 'first', 'tiny-Q8_0-00002-of-00002.gguf': 'second' }
const names = async ({ provider }: Scene): Promise<string[]> => (await provider.list(notAborted())).map(({ name }) => name)

describe('a model for LM Studio', () => {
  it('gets its names below publisher/repo for no bytes, and is what the list then calls it', async () => {
    await withStudio({}, async (scene) => {
      const model = await modelIn(scene.library, { weights: shards, projector: { name: 'mmproj-F16.gguf', bytes: 'eyes' } })
      expect(scene.provider.capabilities).toMatchObject({ import: 'place-file', remove: 'files', pull: true })
      const decision = await scene.importing.plan(model, notAborted())
      expect(decision).toMatchObject({ strategy: expect.stringMatching(/^(reflink|hard-link)$/), extraBytes: 0, volume: scene.folder })
      expect(await filesBelow(scene.folder)).toEqual([])
      const kept = recordOf()
      const imported = await scene.importing.perform(model, decision, importing(kept))
      expect(imported.name).toBe('tiny')
      expect(imported.added).toEqual(kept.all())
      expect(imported.added).toHaveLength(3)
      expect(imported.added.map(({ file }) => file?.bytes)).toEqual([5, 6, 4])
      expect(await filesBelow(scene.folder)).toEqual(
        [...Object.keys(shards), 'mmproj-F16.gguf'].map((name) => `lab/Tiny-GGUF/${name}`).sort(),
      )
      if (decision.strategy === 'hard-link') expect((await stat(imported.added[0]?.what ?? '')).nlink).toBe(2)
      expect(await names(scene)).toEqual(['tiny'])
    })
  })

  it('costs its bytes on another volume, and is said to beforehand', async (test) => {
    await using volume = await smallVolume(1_048_576)
    if (!volume) return test.skip()
    await withStudio({ modelsDir: join(volume.folder, 'models') }, async (scene) => {
      await mkdir(join(volume.folder, 'models'))
      await writeFile(join(scene.home, '.lmstudio/settings.json'), JSON.stringify({ downloadsFolder: join(volume.folder, 'models') }))
      const model = await modelIn(scene.library, { weights: { 'tiny.gguf': Buffer.alloc(300_000, 1) } })
      const decision = await scene.importing.plan(model, notAborted())
      expect(decision).toMatchObject({ strategy: 'copy', extraBytes: 300_000, volume: join(volume.folder, 'models') })
      let done = 0
      const onProgress = (bytes: number): void => {
        done = bytes
      }
      expect(await scene.importing.perform(model, decision, importing({ onProgress }))).toMatchObject({ name: 'tiny' })
      expect(done).toBe(300_000)
      const big = await modelIn(scene.library, { repo: 'lab/big', weights: { 'big.gguf': Buffer.alloc(2_000_000) } })
      const wanted = await scene.importing.plan(big, notAborted())
      await expect(scene.importing.perform(big, wanted, importing())).rejects.toMatchObject(code('disk_full'))
      expect(await filesBelow(volume.folder)).toEqual(['models/lab/Tiny-GGUF/tiny.gguf'])
    })
  })

  it('is planned before it is there, and present when its bytes lie there, also after a crash', async () => {
    await withStudio({}, async (scene) => {
      const model = await modelIn(scene.library, { weights: shards })
      const toCome = { ...model, weights: model.weights.map(({ path: _, ...file }) => file) }
      const decision = await scene.importing.plan(toCome, notAborted())
      expect(decision.extraBytes).toBe(0)
      const [first] = model.weights
      if (!first) throw new TypeError('no file')
      // As a crash leaves it: one of two is there, a copy this time.
      const to = join(scene.folder, model.repo, first.name)
      await placeFile({ from: first.path, to, root: scene.folder, signal: notAborted(), ways: ['copy'] })
      const imported = await scene.importing.perform(model, decision, importing())
      expect(imported).toMatchObject({ name: 'tiny', added: [{ what: join(scene.folder, model.repo, model.weights[1]?.name ?? '') }] })
      expect(await scene.importing.plan(model, notAborted())).toMatchObject({ strategy: 'present', extraBytes: 0 })
      expect(await scene.importing.perform(model, decision, importing())).toMatchObject({ name: 'tiny', added: [] })
    })
  })

  it('comes once when two imports want it at the same time', async () => {
    await withStudio({}, async (scene) => {
      const model = await modelIn(scene.library, { weights: shards })
      const decision = await scene.importing.plan(model, notAborted())
      const gate = deferred<void>()
      let told = 0
      const records = [1, 2].map(() => recordOf(() => (++told === 2 ? gate.resolve() : gate.promise)))
      const both = await Promise.all(records.map((kept) => scene.importing.perform(model, decision, importing(kept))))
      expect(both.map(({ name }) => name)).toEqual(['tiny', 'tiny'])
      expect(both.flatMap(({ added }) => added)).toHaveLength(2)
      expect(records.map((kept) => kept.all())).toEqual(both.map(({ added }) => added))
      for (const [index, { added }] of both.entries()) {
        expect(await filesBelow(scene.folder)).toHaveLength(index === 0 ? 2 : (both[1]?.added.length ?? 0))
        await scene.importing.undo(added, notAborted())
      }
      expect(await filesBelow(scene.folder)).toEqual([])
    })
  })

  it('is told from other quantizations of its repository', async () => {
    await withStudio({}, async (scene) => {
      const one = await modelIn(scene.library, { weights: { 'tiny-Q4_K_M.gguf': 'four bits' } })
      const other = await modelIn(scene.library, { weights: { 'tiny-Q8_0.gguf': 'eight bits' } })
      const perform = async (model: typeof one) =>
        (await scene.importing.perform(model, await scene.importing.plan(model, notAborted()), importing())).name
      expect(await perform(one)).toBe('tiny')
      expect(await perform(other)).toBe('tiny@q8_0')
      expect(await names(scene)).toEqual(['tiny@q4_k_m', 'tiny@q8_0'])
    })
  })

  it('is found by its name where the API tells no sizes', async () => {
    await withStudio({ level: 'v0' }, async (scene) => {
      const model = await modelIn(scene.library, { weights: { 'tiny.gguf': 'weights' } })
      const decision = await scene.importing.plan(model, notAborted())
      expect(await scene.importing.perform(model, decision, importing())).toMatchObject({ name: 'tiny' })
      expect(await scene.importing.perform(model, decision, importing())).toMatchObject({ name: 'tiny', added: [] })
    })
  })

  it('never replaces a file of somebody else: then none of its files comes', async () => {
    await withStudio({}, async (scene) => {
      const model = await modelIn(scene.library, { weights: shards })
      const decision = await scene.importing.plan(model, notAborted())
      await mkdir(join(scene.folder, model.repo), { recursive: true })
      const taken = join(scene.folder, model.repo, model.weights[1]?.name ?? '')
      await writeFile(taken, 'SECOND')
      await expect(scene.importing.perform(model, decision, importing())).rejects.toMatchObject(code('conflict'))
      await writeFile(taken, 'another length')
      await expect(scene.importing.plan(model, notAborted())).rejects.toMatchObject(code('conflict'))
      expect(await filesBelow(scene.folder)).toEqual([`${model.repo}/${model.weights[1]?.name}`])
    })
  })

  it('leaves nothing when it is aborted between two files', async () => {
    await withStudio({}, async (scene) => {
      const model = await modelIn(scene.library, { weights: shards })
      const decision = await scene.importing.plan(model, notAborted())
      const abort = new AbortController()
      const onAdding = async ({ what }: ImportAddition): Promise<void> => {
        if (what.endsWith('00002-of-00002.gguf')) abort.abort()
      }
      const performing = scene.importing.perform(model, decision, { signal: abort.signal, onAdding })
      await expect(performing).rejects.toMatchObject(code('cancelled'))
      expect(await readdir(scene.folder)).toEqual([])
    })
  })

  it('leaves nothing when LM Studio does not list it', async () => {
    await withStudio({ blind: true, limits: { listedMs: 200 } }, async (scene) => {
      const model = await modelIn(scene.library, { weights: shards })
      const decision = await scene.importing.plan(model, notAborted())
      await expect(scene.importing.perform(model, decision, importing())).rejects.toMatchObject(code('import_failed'))
      expect(await readdir(scene.folder)).toEqual([])
    })
  })

  it('goes through no linked folder', async () => {
    await withStudio({}, async (scene) => {
      const model = await modelIn(scene.library, { weights: { 'tiny.gguf': 'weights' } })
      await mkdir(join(scene.home, 'elsewhere'))
      await symlink(join(scene.home, 'elsewhere'), join(scene.folder, 'lab'))
      const decision = await scene.importing.plan(model, notAborted())
      await expect(scene.importing.perform(model, decision, importing())).rejects.toMatchObject(code('conflict'))
      expect(await readdir(join(scene.home, 'elsewhere'))).toEqual([])
    })
  })

  it.each(['../out', 'lab', 'lab/..', '-c/x', 'lab/a/b', 'lab/\u202egguf', 'lab/con', 'lab/x.'])(
    'is refused under the repository %j',
    async (repo) => {
      await withStudio({}, async (scene) => {
        const model = { ...(await modelIn(scene.library, { weights: { 'tiny.gguf': 'weights' } })), repo }
        await expect(scene.importing.plan(model, notAborted())).rejects.toMatchObject(code('unsafe_name'))
        const decision = { strategy: 'hard-link', reason: '', extraBytes: 0 } as const
        await expect(scene.importing.perform(model, decision, importing())).rejects.toMatchObject(code('unsafe_name'))
      })
    },
  )

  it.each(['../tiny.gguf', '.tiny.gguf', '-y.gguf', 'tiny.bin', 'a\u0000b.gguf', 'a:b.gguf', 'NUL.gguf'])(
    'is refused with a file %j',
    async (name) => {
      await withStudio({}, async (scene) => {
        const model = await modelIn(scene.library, { weights: { 'tiny.gguf': 'weights' } })
        const weights = model.weights.map((one) => ({ ...one, name }))
        await expect(scene.importing.plan({ ...model, weights }, notAborted())).rejects.toMatchObject(code('unsafe_name'))
      })
    },
  )
})

describe('what is its own', () => {
  it('is what an earlier try recorded, as long as it is that very file', async () => {
    await withStudio({}, async (scene) => {
      const model = await modelIn(scene.library, { weights: shards })
      const decision = await scene.importing.plan(model, notAborted())
      const { added } = await scene.importing.perform(model, decision, importing())
      expect((await scene.importing.perform(model, decision, importing())).added).toEqual([])
      expect((await scene.importing.perform(model, decision, importing({ recorded: added }))).added).toEqual(added)
      const [first, second] = added
      await rm(first?.what ?? '')
      await writeFile(first?.what ?? '', 'first')
      await utimes(first?.what ?? '', 1_000_000, 1_000_000)
      expect((await scene.importing.perform(model, decision, importing({ recorded: added }))).added).toEqual([second])
    })
  })

  it('goes when it is taken back; what somebody else put under its name stays', async () => {
    await withStudio({}, async (scene) => {
      const model = await modelIn(scene.library, { weights: shards })
      const { added } = await scene.importing.perform(model, await scene.importing.plan(model, notAborted()), importing())
      const [first, second] = added.map(({ what }) => what)
      await rm(first ?? '')
      await writeFile(first ?? '', 'other')
      await utimes(first ?? '', 1_000_000, 1_000_000)
      await scene.importing.undo(added, notAborted())
      expect(await filesBelow(scene.folder)).toEqual([(first ?? '').slice(scene.folder.length + 1)])
      // Announced, and killed before anything lay there.
      await writeFile(second ?? '', 'second')
      await scene.importing.undo([{ kind: 'file', what: second ?? '' }], notAborted())
      expect(await filesBelow(scene.folder)).toHaveLength(2)
    })
  })
})

describe('taking it back', () => {
  it('removes what was added and nothing else, and is done when it is no longer listed', async () => {
    await withStudio({}, async (scene) => {
      await mkdir(join(scene.folder, 'lab/Tiny-GGUF'), { recursive: true })
      await writeFile(join(scene.folder, 'lab/Tiny-GGUF/neighbour-Q2_K.gguf'), 'neighbour')
      const model = await modelIn(scene.library, { weights: shards })
      const { added } = await scene.importing.perform(model, await scene.importing.plan(model, notAborted()), importing())
      await scene.importing.undo(added, notAborted())
      expect(await filesBelow(scene.folder)).toEqual(['lab/Tiny-GGUF/neighbour-Q2_K.gguf'])
      expect(await names(scene)).toEqual(['tiny'])
      expect((await stat(model.weights[0]?.path ?? '')).nlink).toBe(1)
      await scene.importing.undo(added, notAborted())
      await scene.importing.undo([{ kind: 'file', what: join(scene.folder, '../bin') }], notAborted())
      expect(await readdir(join(scene.home, '.lmstudio'))).toContain('bin')
    })
  })

  it('is done when the files are gone, also where LM Studio goes on listing it, which is said', async () => {
    await withStudio({ limits: { goneMs: 100 }, models: [{ name: 'tiny', sizeBytes: 11 }], blind: true }, async (scene) => {
      const model = await modelIn(scene.library, { weights: shards })
      const { added } = await scene.importing.perform(model, await scene.importing.plan(model, notAborted()), importing())
      await scene.importing.undo(added, notAborted())
      expect([await readdir(scene.folder), await names(scene)]).toEqual([[], ['tiny']])
      expect(scene.said).toEqual(['The files of tiny are gone; LM Studio still lists it.'])
    })
  })

  it('removes what LM Studio itself has downloaded, where it is certain which files that is', async () => {
    await withStudio({}, async (scene) => {
      for (const name of ['Own-GGUF/own.gguf', 'Kept-GGUF/kept.gguf']) {
        await mkdir(dirname(join(scene.folder, 'lab', name)), { recursive: true })
        await writeFile(join(scene.folder, 'lab', name), name)
      }
      await names(scene)
      expect(await names(scene)).toEqual(['kept', 'own'])
      await scene.provider.load('own', {}, { signal: notAborted() })
      const added = [{ kind: 'model', what: 'own' }] as const
      await scene.importing.undo(added, notAborted())
      await scene.importing.undo(added, notAborted())
      expect([await filesBelow(scene.folder), await scene.provider.loaded(notAborted())]).toEqual([['lab/Kept-GGUF/kept.gguf'], []])
    })
    await withStudio({ bare: true, models: [{ name: 'own' }] }, async (scene) => {
      const undoing = scene.importing.undo([{ kind: 'model', what: 'own' }], notAborted())
      await expect(undoing).rejects.toMatchObject({ code: 'unsupported_operation', hint: expect.stringContaining('My Models') })
    })
  })

  it('is done by its files while LM Studio does not run', async () => {
    await withStudio({}, async (scene) => {
      const model = await modelIn(scene.library, { weights: shards })
      const { added } = await scene.importing.perform(model, await scene.importing.plan(model, notAborted()), importing())
      await scene.engine.close()
      await scene.importing.undo(added, notAborted())
      expect(await readdir(scene.folder)).toEqual([])
    })
  })
})

describe('what LM Studio holds', () => {
  it('is told with real paths, sizes and roles, under the names of its list', async () => {
    await withStudio({}, async (scene) => {
      const model = await modelIn(scene.library, { weights: shards, projector: { name: 'mmproj-F16.gguf', bytes: 'eyes' } })
      await scene.importing.perform(model, await scene.importing.plan(model, notAborted()), importing())
      await mkdir(join(scene.folder, 'other/unlisted'), { recursive: true })
      await symlink(model.weights[0]?.path ?? '', join(scene.folder, 'other/unlisted/linked.gguf'))
      const told = await scene.provider.files?.(notAborted())
      expect(told?.map(({ name, bytes, role }) => [name, bytes, role])).toEqual([
        ['tiny', 5, 'weights'],
        ['tiny', 6, 'weights'],
        ['tiny', 4, 'projector'],
        ['other/unlisted/linked', 5, 'weights'],
      ])
      expect(told?.at(-1)?.path).toBe(model.weights[0]?.path)
      expect(await scene.provider.files?.(notAborted(), 'tiny')).toHaveLength(3)
      await scene.engine.close()
      expect((await scene.provider.files?.(notAborted()))?.map(({ name }) => name)).toContain('lab/Tiny-GGUF/tiny-Q8_0')
      await expect(scene.provider.files?.(AbortSignal.abort())).rejects.toMatchObject({})
    })
  })

  it('is nothing where its folder is not known, or it is on another machine', async () => {
    await withStudio({ bare: true }, async (scene) => {
      expect(await scene.provider.files?.(notAborted())).toEqual([])
      expect(scene.provider.capabilities).toMatchObject({ import: 'none', remove: 'none' })
      const model = await modelIn(scene.library, { weights: shards })
      await expect(scene.importing.plan(model, notAborted())).rejects.toMatchObject(code('unsupported_operation'))
    })
    const far = createLmStudio(providerConfig({ kind: 'lmstudio', baseUrl: 'http://host.invalid:1234', modelsDir: '/tmp' }))
    expect([far.importing, far.removing, far.files, far.capabilities.import]).toEqual([undefined, undefined, undefined, 'none'])
    await far.close()
  })

  it('can be removed from the folder that was found', async () => {
    await withStudio({}, async (scene) => {
      const model = await modelIn(scene.library, { weights: { 'tiny.gguf': 'weights' } })
      await scene.importing.perform(model, await scene.importing.plan(model, notAborted()), importing())
      expect(await scene.provider.removing?.plan('tiny', notAborted())).toMatchObject({ removed: [{ bytes: 7 }], foreign: [] })
      await scene.provider.removing?.perform('tiny', { foreign: false }, notAborted())
      expect(await readdir(scene.folder)).toEqual([])
    })
  })
})
