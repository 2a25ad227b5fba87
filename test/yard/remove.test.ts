/** Uninstalling, end to end: a fake Ollama, the library on a real disk. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, mkdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createLibrary } from '../../src/library/create-library.ts'
import { changeLogOf } from '../../src/store/change-log.ts'
import { type FakeOllama, fakeOllama } from '../../src/testing/fakes/fake-ollama.ts'
import { tinyGguf } from '../../src/testing/gguf/tiny-gguf.ts'
import { deferred } from '../../src/util/deferred.ts'
import { type TestYard, testYard } from '../support/test-yard.ts'

const models = [{ name: 'alpha', sizeBytes: 1000 }, { name: 'beta' }, { name: 'broken', broken: true }]

async function withOllama(run: (test: TestYard, engine: FakeOllama) => Promise<void>): Promise<void> {
  await using engine = await fakeOllama({ models })
  await using test = await testYard({ providers: { ollama: { kind: 'ollama', baseUrl: engine.url } } })
  await run(test, engine)
}

const held = (engine: FakeOllama): string[] => engine.shelf.models.map(({ name }) => name).sort()
const deletes = (engine: FakeOllama): unknown[] => engine.ledger.filter(({ path }) => path === '/api/delete')

describe('uninstalling from Ollama', () => {
  it('says first what would go, then removes it, unloaded before', async () => {
    await withOllama(async ({ yard }, engine) => {
      await yard.models.load('alpha')
      expect(await yard.models.remove('alpha', { dryRun: true })).toEqual({
        ref: 'ollama/alpha:latest',
        removed: [{ name: 'alpha:latest', bytes: 1000 }],
        kept: [],
        freedBytes: 1000,
        dryRun: true,
      })
      expect([held(engine).length, deletes(engine).length, engine.shelf.loaded.size]).toEqual([3, 0, 1])
      expect(await yard.models.remove('ollama/alpha')).toMatchObject({ dryRun: false, freedBytes: 1000 })
      expect([held(engine), engine.shelf.loaded.size]).toEqual([['beta', 'broken'], 0])
      await expect(yard.models.remove('alpha')).rejects.toMatchObject({ code: 'model_not_found' })
    })
  })

  it('is written down in the home, and a dry run is not', async () => {
    await withOllama(async ({ yard, home }) => {
      await yard.models.remove('alpha', { dryRun: true })
      expect(existsSync(changeLogOf(home))).toBe(false)
      await yard.models.remove('alpha')
      await yard.fix(['partial:none'])
      const lines = (await readFile(changeLogOf(home), 'utf8')).trim().split('\n')
      expect(lines.map((line) => JSON.parse(line))).toEqual([
        {
          at: expect.stringMatching(/^\d{4}-.*Z$/),
          did: 'remove',
          ref: 'ollama/alpha:latest',
          removed: [{ name: 'alpha:latest', bytes: 1000 }],
          kept: [],
          freedBytes: 1000,
        },
        { at: expect.any(String), did: 'fix', ids: ['partial:none'] },
      ])
      expect((await stat(changeLogOf(home))).mode & 0o777).toBe(0o600)
    })
  })

  it('forgets what was set of it: a model that comes later under its name begins anew', async () => {
    await withOllama(async ({ yard }, engine) => {
      await yard.models.update('ollama/alpha:latest', { load: { contextLength: 2048 }, pinned: true })
      await yard.models.remove('ollama/alpha')
      engine.shelf.models.push({ name: 'alpha:latest', sizeBytes: 5 })
      const model = await yard.models.get('ollama/alpha:latest')
      expect([model.load, model.pinned]).toEqual([undefined, false])
    })
  })

  it('does not count weights as freed that a link in the library holds', async () => {
    await withOllama(async ({ yard, home }, engine) => {
      const blob = join(home, `sha256-${createHash('sha256').update('linked').digest('hex')}`)
      await writeFile(blob, 'x'.repeat(900))
      await link(blob, join(home, 'library/linked.gguf'))
      engine.shelf.models.push({ name: 'linked', sizeBytes: 1000, blobs: home })
      expect(await yard.models.remove('linked')).toMatchObject({ freedBytes: 100, kept: [{ path: 'linked:latest' }] })
    })
  })

  it('refuses while it serves a slot', async () => {
    await withOllama(async ({ yard }, engine) => {
      await yard.slot('default').switch('alpha')
      await expect(yard.models.remove('alpha')).rejects.toMatchObject({ code: 'in_use', details: { slots: ['default'] } })
      expect((await yard.models.remove('alpha', { dryRun: true })).kept).toEqual([
        { path: 'ollama/alpha:latest', why: expect.stringContaining('default') },
      ])
      await expect(yard.models.remove('alpha', { replaceWith: 'ALPHA' })).rejects.toMatchObject({ code: 'invalid_request' })
      await expect(yard.models.remove('alpha', { replaceWith: 'beta', emptySlots: true })).rejects.toMatchObject({
        code: 'invalid_request',
      })
      expect(deletes(engine)).toEqual([])
      expect(yard.slots.get('default')).toMatchObject({ state: 'serving', ref: 'ollama/alpha:latest' })
    })
  })

  it('leaves everything where the replacement does not answer', async () => {
    await withOllama(async ({ yard }, engine) => {
      await yard.slot('default').switch('alpha')
      await expect(yard.models.remove('alpha', { replaceWith: 'broken' })).rejects.toMatchObject({
        code: 'load_failed',
        message: expect.stringContaining('nothing was removed'),
      })
      await expect(yard.models.remove('alpha', { replaceWith: 'no-such' })).rejects.toMatchObject({ code: 'model_not_found' })
      expect(deletes(engine)).toEqual([])
      expect(yard.slots.get('default')).toMatchObject({ state: 'serving', ref: 'ollama/alpha:latest' })
    })
  })

  it('switches to the replacement first, which has answered before the model goes', async () => {
    await withOllama(async ({ yard, home }, engine) => {
      await yard.slot('default').switch('alpha')
      await yard.models.remove('alpha', { replaceWith: 'beta' })
      expect(held(engine)).toEqual(['beta', 'broken'])
      expect(yard.slots.get('default')).toMatchObject({ state: 'serving', ref: 'ollama/beta:latest' })
      expect(await readFile(join(home, '.env'), 'utf8')).toContain('MODELYARD_MODEL=beta:latest')
      const paths = engine.ledger.map(({ method, path }) => `${method} ${path}`)
      expect(paths.lastIndexOf('POST /api/chat')).toBeLessThan(paths.indexOf('DELETE /api/delete'))
    })
  })

  it('empties the slot when told so, also in the .env and over a restart', async () => {
    await withOllama(async (test, engine) => {
      await writeFile(join(test.home, '.env'), 'OTHER=1\n')
      await test.yard.slot('default').switch('alpha')
      await test.yard.models.remove('alpha', { emptySlots: true })
      expect([held(engine), engine.shelf.loaded.size]).toEqual([['beta', 'broken'], 0])
      expect(await readFile(join(test.home, '.env'), 'utf8')).toBe('OTHER=1\n')
      const slot = test.yard.slots.get('default')
      expect(slot).toMatchObject({ state: 'empty', epoch: 1 })
      expect(slot).not.toHaveProperty('ref')
      await using again = await test.restart()
      expect(again.yard.slots.get('default').state).toBe('empty')
      expect(await again.yard.slot('default').switch('beta')).toMatchObject({ outcome: 'switched' })
    })
  })

  it('empties a slot that is being brought up after a start: that is given up', async () => {
    await withOllama(async (test, engine) => {
      await test.yard.slot('default').switch('alpha')
      engine.shelf.unload('alpha')
      engine.shelf.holdLoads()
      await using again = await test.restart()
      await engine.waitFor(() => engine.shelf.loads.length === 2)
      const answer = again.yard.chat().complete({ messages: [{ role: 'user', content: 'Hello' }] })
      const refused = expect(answer).rejects.toMatchObject({ code: 'slot_empty' })
      await again.waitFor((event) => event.type === 'slot.changed' && event.slot.state === 'switching')
      const removed = again.yard.models.remove('alpha', { emptySlots: true })
      await again.waitFor((event) => event.type === 'slot.changed' && event.slot.state === 'empty')
      engine.shelf.releaseLoads()
      await removed
      await refused
      expect([held(engine), engine.shelf.loaded.size]).toEqual([['beta', 'broken'], 0])
      expect(again.yard.slots.get('default')).toEqual(expect.not.objectContaining({ reason: expect.anything(), ref: expect.anything() }))
    })
  })

  it('empties a slot whose model is still looked for after a start', async () => {
    await withOllama(async (test, engine) => {
      await test.yard.slot('default').switch('alpha')
      const listed = deferred<void>()
      engine.faults.add({ path: '/api/tags', fault: { kind: 'hold', until: listed.promise }, times: 1 })
      const before = engine.shelf.loads.length
      await using again = await test.restart()
      expect(again.yard.slots.get('default').state).toBe('switching')
      await again.yard.models.remove('alpha', { emptySlots: true })
      expect(again.yard.slots.get('default').state).toBe('empty')
      listed.resolve()
      await again.yard.detect()
      expect([again.yard.slots.get('default').state, engine.shelf.loads.length]).toEqual(['empty', before])
    })
  })

  it('waits for the requests that run on it', async () => {
    await withOllama(async ({ yard }, engine) => {
      await yard.slot('default').switch('alpha')
      const parts = yard
        .chat()
        .stream({ messages: [{ role: 'user', content: 'Hello' }], maxTokens: 5000 })
        [Symbol.asyncIterator]()
      await parts.next()
      const removed = yard.models.remove('alpha', { emptySlots: true })
      expect(deletes(engine)).toEqual([])
      let last: unknown
      for (let part = await parts.next(); !part.done; part = await parts.next()) last = part.value
      expect(last).toMatchObject({ type: 'end' })
      await removed
      expect(held(engine)).not.toContain('alpha')
    })
  })
})

const bytes = tinyGguf()

async function withLibrary(run: (test: TestYard, library: string) => Promise<void>): Promise<void> {
  await using test = await testYard({ providers: { embedded: { kind: 'embedded', enabled: true } } })
  await run(test, join(test.home, 'library'))
}

/** By hand, as a person does. */
async function put(folder: string, ...names: string[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const name of names) await writeFile(join(folder, name), bytes)
}

/** As a download does: `repo/file`. */
async function publish(folder: string, repo: string, file: string, content = bytes): Promise<string> {
  const library = await createLibrary({ folder, log: () => undefined })
  const from = join(folder, '.modelyard/partials/done')
  await writeFile(from, content)
  const sha256 = createHash('sha256').update(content).digest('hex')
  const { path } = await library.put({ from, repo, file, sha256, bytes: content.length }, 'move', { signal: new AbortController().signal })
  return path
}

const foreign = { foreign: true }

describe('uninstalling from the library', () => {
  it('takes what it had put there itself', async () => {
    await withLibrary(async ({ yard }, library) => {
      await publish(library, 'lab/Tiny-GGUF', 'tiny.gguf')
      await publish(library, 'lab/Tiny-GGUF', 'mmproj.gguf')
      expect(await yard.models.remove('embedded/lab/Tiny-GGUF/tiny')).toMatchObject({ kept: [], removed: [{}, {}] })
      expect(existsSync(join(library, 'lab'))).toBe(false)
    })
  })

  it('takes what a person put there only when told so: one such file keeps the whole model', async () => {
    await withLibrary(async ({ yard }, library) => {
      await put(library, 'own.gguf')
      const published = await publish(library, 'lab/Tiny-GGUF', 'tiny.gguf')
      await put(join(library, 'lab/Tiny-GGUF'), 'mmproj-own.gguf')
      for (const [ref, own, files] of [
        ['embedded/own', join(library, 'own.gguf'), 1],
        ['embedded/lab/Tiny-GGUF/tiny', join(library, 'lab/Tiny-GGUF/mmproj-own.gguf'), 2],
      ] as const) {
        await expect(yard.models.remove(ref)).rejects.toMatchObject({ code: 'foreign_files', details: { paths: [own] } })
        expect(await yard.models.remove(ref, { dryRun: true })).toMatchObject({ removed: [], freedBytes: 0 })
        expect([existsSync(own), existsSync(published)]).toEqual([true, true])
        expect((await yard.models.remove(ref, foreign)).removed).toHaveLength(files)
        expect(existsSync(own)).toBe(false)
      }
    })
  })

  it.each(['own', 'a-own'])("a person's file stays that person's when the doctor made one file of it and ours: %s", async (name) => {
    await withLibrary(async ({ yard }, library) => {
      const content = Buffer.concat([bytes, Buffer.alloc(2 ** 20)])
      const published = await publish(library, 'lab/Tiny-GGUF', 'tiny.gguf', content)
      const own = join(library, `${name}.gguf`)
      await writeFile(own, content)
      const twice = (await yard.doctor()).filter(({ id }) => id.startsWith('duplicate:'))
      expect(twice).toMatchObject([{ fixable: true }])
      await yard.fix(twice.map(({ id }) => id))
      await expect(yard.models.remove(`embedded/${name}`)).rejects.toMatchObject({ code: 'foreign_files', details: { paths: [own] } })
      await yard.models.remove('embedded/lab/Tiny-GGUF/tiny')
      expect([existsSync(published), existsSync(own)]).toEqual([false, true])
    })
  })

  it('removes all shards and the projector of a folder of its own, and the folder', async () => {
    await withLibrary(async ({ yard }, library) => {
      await put(join(library, 'lab/big'), 'big-00001-of-00002.gguf', 'big-00002-of-00002.gguf', 'mmproj-big.gguf')
      await put(library, 'other.gguf')
      const removed = await yard.models.remove('embedded/lab/big/big', foreign)
      expect(removed).toMatchObject({ freedBytes: 3 * bytes.length, kept: [] })
      expect(removed.removed).toHaveLength(3)
      expect([existsSync(join(library, 'lab')), existsSync(join(library, 'other.gguf'))]).toEqual([false, true])
    })
  })

  it('keeps a projector that another model beside it may use', async () => {
    await withLibrary(async ({ yard }, library) => {
      await put(join(library, 'lab'), 'a.gguf', 'b.gguf', 'mmproj.gguf')
      const { kept, removed } = await yard.models.remove('embedded/lab/a', foreign)
      expect(removed).toHaveLength(1)
      expect(kept).toEqual([{ path: join(library, 'lab/mmproj.gguf'), why: 'lab/b may use it too' }])
      expect(existsSync(join(library, 'lab/mmproj.gguf'))).toBe(true)
    })
  })

  it('does not count bytes that another hard link holds as freed', async () => {
    await withLibrary(async ({ yard, home }, library) => {
      await put(library, 'a.gguf')
      await link(join(library, 'a.gguf'), join(home, 'elsewhere.gguf'))
      expect(await yard.models.remove('embedded/a', foreign)).toMatchObject({
        removed: [{ path: join(library, 'a.gguf'), bytes: bytes.length }],
        kept: [{ path: join(library, 'a.gguf') }],
        freedBytes: 0,
      })
      expect(existsSync(join(home, 'elsewhere.gguf'))).toBe(true)
    })
  })

  it('never removes through a link, nor what a link of another model shares', async () => {
    await withLibrary(async ({ yard }, library) => {
      await put(library, 'real.gguf')
      await symlink('real.gguf', join(library, 'alias.gguf'))
      for (const [name, why] of [
        ['alias', /link|uses it too/],
        ['real', /alias uses it too/],
      ] as const) {
        expect((await yard.models.remove(`embedded/${name}`, { dryRun: true })).removed).toEqual([])
        await expect(yard.models.remove(`embedded/${name}`)).rejects.toMatchObject({
          code: 'conflict',
          message: expect.stringMatching(why),
        })
      }
      expect([existsSync(join(library, 'real.gguf')), existsSync(join(library, 'alias.gguf'))]).toEqual([true, true])
    })
  })

  it('removes nothing outside the library, whatever lies there under a linked folder', async () => {
    await withLibrary(async ({ yard, home }, library) => {
      await put(join(home, 'outside'), 'a.gguf')
      await put(join(library, 'lab'), 'a.gguf')
      await rename(join(library, 'lab'), join(library, 'lab-before'))
      await symlink(join(home, 'outside'), join(library, 'lab'))
      await expect(yard.models.remove('embedded/lab/a')).rejects.toMatchObject({ code: 'model_not_found' })
      await expect(yard.models.remove('embedded/../outside/a')).rejects.toBeDefined()
      expect(existsSync(join(home, 'outside/a.gguf'))).toBe(true)
    })
  })
})
