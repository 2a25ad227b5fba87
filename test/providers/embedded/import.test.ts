/** What lies in the library is imported into the embedded engine, and answers on real llama.cpp. */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ImportModel } from '../../../src/providers/provider.ts'
import { tinyGguf } from '../../../src/testing/gguf/tiny-gguf.ts'
import { importing, modelIn } from '../../support/import-model.ts'
import { smallVolume } from '../../support/other-volume.ts'
import { ask, type Embedded, embedded, soon, textOf } from './support.ts'

const importOf = async (subject: Embedded, model: ImportModel) => {
  const { importing: engine } = subject.provider
  if (!engine) throw new TypeError('it imports nothing')
  const decision = await engine.plan(model, soon())
  return { engine, decision, perform: () => engine.perform(model, decision, importing()) }
}

describe('a model for the embedded engine', () => {
  it('is there as soon as it lies in the library, costs nothing, and answers', async () => {
    await using subject = await embedded()
    const model = await modelIn(subject.library, { repo: 'lab/tiny', weights: { 'Tiny-F32.gguf': tinyGguf() } })
    const toCome = { ...model, weights: model.weights.map(({ path: _, ...file }) => file) }
    const planned = await subject.provider.importing?.plan(toCome, soon())
    expect(planned).toMatchObject({ strategy: 'library', name: 'lab/tiny/Tiny-F32', extraBytes: 0 })
    const { decision, perform, engine } = await importOf(subject, model)
    expect(decision).toEqual(planned)
    expect(await perform()).toMatchObject({ name: 'lab/tiny/Tiny-F32', added: [] })
    expect((await stat(model.weights[0]?.path ?? '')).nlink).toBe(1)
    await subject.provider.load('lab/tiny/Tiny-F32', {}, { signal: soon() })
    expect(await textOf(ask(subject.provider, 'lab/tiny/Tiny-F32'))).not.toBe('')
    await engine.undo([], soon())
    expect(await subject.provider.list(soon())).toHaveLength(1)
  })

  it('is not imported where a shard is missing', async () => {
    await using subject = await embedded({}, { installed: false })
    const shards = { 'a-00001-of-00003.gguf': tinyGguf(), 'a-00002-of-00003.gguf': 'two' }
    const gap = await importOf(subject, await modelIn(subject.library, { weights: shards }))
    expect(gap.decision.name).toBe('lab/Tiny-GGUF/a')
    await expect(gap.perform()).rejects.toMatchObject({ code: 'import_failed' })
  })

  it('is planned from outside the library by what bringing it there costs, and imported once it is there', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'modelyard-elsewhere-'))
    try {
      await using subject = await embedded({}, { installed: false })
      const outside = await modelIn(elsewhere, { weights: { 'b.gguf': tinyGguf() } })
      const { decision, perform } = await importOf(subject, outside)
      expect(decision).toMatchObject({ strategy: 'library', name: 'lab/Tiny-GGUF/b', extraBytes: 0 })
      expect(decision.reason).toContain('linked into it first')
      expect(await readdir(subject.library)).toEqual([])
      await expect(perform()).rejects.toMatchObject({ code: 'import_failed' })
      const brought = await modelIn(subject.library, { weights: { 'b.gguf': tinyGguf() } })
      expect(await subject.provider.importing?.perform(brought, decision, importing())).toMatchObject({ name: decision.name, added: [] })
    } finally {
      await rm(elsewhere, { recursive: true, force: true })
    }
  })

  it('costs its bytes where it lies on another volume, and says so', async (test) => {
    await using volume = await smallVolume(8 * 1024 * 1024)
    if (!volume) return test.skip()
    await using subject = await embedded({}, { installed: false })
    const model = await modelIn(volume.folder, { weights: { 'b.gguf': tinyGguf() } })
    const { decision } = await importOf(subject, model)
    expect(decision).toMatchObject({ extraBytes: tinyGguf().byteLength, volume: subject.library })
    expect(decision.reason).toContain('copied into it first')
  })

  it('is told by its files: weights, shards and the projector beside them', async () => {
    await using subject = await embedded({ 'loose.gguf': tinyGguf() }, { installed: false })
    const weights = { 'a-00001-of-00002.gguf': tinyGguf(), 'a-00002-of-00002.gguf': 'second' }
    await modelIn(subject.library, { weights, projector: { name: 'mmproj-F16.gguf', bytes: 'eyes' } })
    const told = (await subject.provider.files?.(soon())) ?? []
    expect(told.map(({ name, bytes, role }) => [name, bytes, role])).toEqual([
      ['lab/Tiny-GGUF/a', tinyGguf().byteLength, 'weights'],
      ['lab/Tiny-GGUF/a', 6, 'weights'],
      ['lab/Tiny-GGUF/a', 4, 'projector'],
      ['loose', tinyGguf().byteLength, 'weights'],
    ])
    expect(await subject.provider.files?.(soon(), 'loose')).toHaveLength(1)
    expect(subject.provider.capabilities).toMatchObject({ import: 'place-file', remove: 'files' })
  })
})
