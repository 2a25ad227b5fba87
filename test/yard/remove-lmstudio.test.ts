/** Uninstalling from LM Studio's folder: what it downloaded is somebody else's, our own links are not. */
import { existsSync } from 'node:fs'
import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type FakeLmStudio, fakeLmStudio } from '../../src/testing/fakes/fake-lmstudio.ts'
import { type TestYard, testYard } from '../support/test-yard.ts'

async function withStudio(run: (test: TestYard, folder: string, engine: FakeLmStudio) => Promise<void>): Promise<void> {
  const modelsDir = await mkdtemp(join(tmpdir(), 'modelyard-studio-'))
  try {
    await using engine = await fakeLmStudio({
      models: [
        { name: 'tiny', sizeBytes: 10 },
        { name: 'other', sizeBytes: 20 },
      ],
    })
    await using test = await testYard({ providers: { lmstudio: { kind: 'lmstudio', enabled: true, baseUrl: engine.url, modelsDir } } })
    await test.yard.detect()
    await mkdir(join(modelsDir, 'lab/Tiny-GGUF'), { recursive: true })
    await run(test, modelsDir, engine)
  } finally {
    await rm(modelsDir, { recursive: true, force: true })
  }
}

const file = (folder: string): string => join(folder, 'lab/Tiny-GGUF/tiny-q4.gguf')

describe('uninstalling from LM Studio', () => {
  it('removes what somebody else put there only when told so, unloaded before', async () => {
    await withStudio(async ({ yard }, folder, engine) => {
      await writeFile(file(folder), '0123456789')
      await yard.models.load('lmstudio/tiny')
      await expect(yard.models.remove('lmstudio/tiny')).rejects.toMatchObject({ code: 'foreign_files', details: { paths: [file(folder)] } })
      expect(await yard.models.remove('lmstudio/tiny', { dryRun: true })).toMatchObject({
        removed: [],
        kept: [{ path: file(folder), why: 'somebody else put it there' }],
        freedBytes: 0,
      })
      expect([existsSync(file(folder)), engine.instances.size]).toEqual([true, 1])
      expect(await yard.models.remove('lmstudio/tiny', { foreign: true })).toMatchObject({ freedBytes: 10, kept: [] })
      expect([existsSync(join(folder, 'lab')), existsSync(folder), engine.instances.size]).toEqual([false, true, 0])
    })
  })

  it('removes a hard link of a library file without being told, and frees nothing', async () => {
    await withStudio(async ({ yard, home }, folder) => {
      await writeFile(join(home, 'library/tiny-q4.gguf'), '0123456789')
      await link(join(home, 'library/tiny-q4.gguf'), file(folder))
      expect(await yard.models.remove('lmstudio/tiny')).toMatchObject({ removed: [{ path: file(folder), bytes: 10 }], freedBytes: 0 })
      expect([existsSync(file(folder)), existsSync(join(home, 'library/tiny-q4.gguf'))]).toEqual([false, true])
    })
  })

  it("a file of somebody else's stays that when the doctor made one file of it and ours", async () => {
    await withStudio(async ({ yard, home }, folder) => {
      await writeFile(join(home, 'library/ours.gguf'), '0123456789')
      await link(join(home, 'library/ours.gguf'), file(folder))
      await expect(yard.models.remove('lmstudio/tiny')).rejects.toMatchObject({ code: 'foreign_files', details: { paths: [file(folder)] } })
      expect(existsSync(file(folder))).toBe(true)
    })
  })

  it('removes nothing where it is not certain which files are the model', async () => {
    await withStudio(async ({ yard }, folder) => {
      const all = { foreign: true }
      await expect(yard.models.remove('lmstudio/tiny', all)).rejects.toMatchObject({ code: 'unsupported_operation' })
      await writeFile(file(folder), 'another size')
      await expect(yard.models.remove('lmstudio/tiny', all)).rejects.toMatchObject({ code: 'unsupported_operation' })
      await writeFile(file(folder), '0123456789')
      await writeFile(join(folder, 'lab/Tiny-GGUF/tiny-q5.gguf'), '0123456789')
      await expect(yard.models.remove('lmstudio/tiny', all)).rejects.toMatchObject({ code: 'unsupported_operation' })
    })
  })

  it('follows no link out of the folder', async () => {
    await withStudio(async ({ yard, home }, folder) => {
      await writeFile(join(home, 'outside.gguf'), '0123456789')
      await symlink(join(home, 'outside.gguf'), file(folder))
      await expect(yard.models.remove('lmstudio/tiny', { foreign: true })).rejects.toMatchObject({ code: 'conflict' })
      expect(existsSync(join(home, 'outside.gguf'))).toBe(true)
    })
  })
})
