/** Uninstalling from a router's folder: unloaded first, its own files only, and no longer listed afterwards. */
import { existsSync } from 'node:fs'
import { link, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fakeLlamaServer } from '../../src/testing/fakes/fake-llama-server.ts'
import { testYard } from '../support/test-yard.ts'

describe('uninstalling from a llama.cpp router', () => {
  it('takes the model out of memory, its names out of the folder, and leaves the library and its neighbour', async () => {
    const modelsDir = await mkdtemp(join(tmpdir(), 'modelyard-router-'))
    try {
      await using engine = await fakeLlamaServer({ router: true, modelsDir })
      const providers = { llamacpp: { kind: 'llamacpp' as const, enabled: true, baseUrl: engine.url, modelsDir } }
      await using test = await testYard({ providers })
      await mkdir(join(test.home, 'library/lab/Big'), { recursive: true })
      await mkdir(join(modelsDir, 'Big'))
      for (const [name, bytes] of [
        ['Big-00001-of-00002.gguf', 'first'],
        ['Big-00002-of-00002.gguf', 'second'],
      ] as const) {
        await writeFile(join(test.home, 'library/lab/Big', name), bytes)
        await link(join(test.home, 'library/lab/Big', name), join(modelsDir, 'Big', name))
      }
      await writeFile(join(modelsDir, 'theirs.gguf'), 'theirs')
      await fetch(`${engine.url}/models?reload=1`).then((answer) => answer.arrayBuffer())
      const { models } = test.yard
      await test.yard.detect()
      await models.load('llamacpp/Big')
      expect(await models.remove('llamacpp/Big', { dryRun: true })).toMatchObject({ removed: [{ bytes: 5 }, { bytes: 6 }], freedBytes: 0 })
      expect([engine.shelf.loaded.size, existsSync(join(modelsDir, 'Big'))]).toEqual([1, true])
      await models.remove('llamacpp/Big')
      expect([engine.shelf.loaded.size, existsSync(join(modelsDir, 'Big'))]).toEqual([0, false])
      expect(engine.shelf.models.map(({ name }) => name)).toEqual(['theirs'])
      expect(existsSync(join(test.home, 'library/lab/Big/Big-00001-of-00002.gguf'))).toBe(true)
      await expect(models.remove('llamacpp/theirs')).rejects.toMatchObject({ code: 'foreign_files' })
      expect(existsSync(join(modelsDir, 'theirs.gguf'))).toBe(true)
    } finally {
      await rm(modelsDir, { recursive: true, force: true })
    }
  })
})
