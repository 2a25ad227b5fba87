/** Whose store is it, and what is in it? */

import { existsSync, statSync, utimesSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createOllama } from '../../../src/providers/ollama/index.ts'
import { usualStores } from '../../../src/providers/ollama/store.ts'
import { createStore, seedModel } from '../../../src/testing/fakes/ollama-store.ts'
import { providerConfig } from '../openai-chat/scripted-engine.ts'
import { limits } from './with-ollama.ts'
import { isSameFile, linksOf, modelOf, soon, withStore, type Yard } from './with-store.ts'

const held = async ({ provider }: Yard, name?: string) => (await provider.files?.(soon(), name)) ?? []

describe('the files that Ollama holds', () => {
  it('have the names of the list, their real paths and their hashes', async () => {
    await withStore(
      async (yard) => {
        const names = ['mine:latest', 'else/other:q8', 'hf.example/lab/third:q4']
        expect((await held(yard)).map(({ name }) => name).sort()).toEqual([...names].sort())
        for (const { path, sha256, bytes, role } of await held(yard)) {
          expect(path).toBe(join(yard.store, 'blobs', `sha256-${sha256}`))
          expect([statSync(path).size, role]).toEqual([bytes, 'weights'])
        }
        expect((await held(yard, 'MINE')).map(({ name }) => name)).toEqual(['mine:latest'])
        expect(await held(yard, 'nothing')).toEqual([])
      },
      { models: [{ name: 'mine' }, { name: 'else/other:q8' }, { name: 'hf.example/lab/third:q4' }] },
    )
  })

  it('are none where the store is another one’s: other models, the same at another time, or none', async () => {
    const models = [{ name: 'mine' }]
    await withStore(
      async (yard) => {
        const foreign = createStore(join(yard.library, 'foreign'))
        seedModel(foreign, 'theirs')
        const alike = createStore(join(yard.library, 'alike'))
        seedModel(alike, 'mine')
        const manifest = join(yard.library, 'alike/manifests/registry.ollama.ai/library/mine/latest')
        utimesSync(manifest, new Date(0), new Date(0))
        for (const one of ['foreign', 'alike']) expect(existsSync(join(yard.library, one, 'blobs'))).toBe(true)
        yard.engine.faults.add({ path: '/api/show', fault: { kind: 'status', status: 500 } })
        expect(await held(yard)).toEqual([])
        expect((await yard.importing.plan(modelOf(await yard.file('a.gguf')), soon())).strategy).toBe('registry-copy')
      },
      { models, known: (folder) => ['nothing', 'library/foreign', 'library/alike'].map((one) => join(folder, one)) },
    )
  })

  it('are found although models come and go meanwhile, and without what an import has for a moment', async () => {
    await withStore(
      async (yard) => {
        const body = { models: [{ name: 'gone-by-now:latest', digest: '0'.repeat(64), modified_at: '2026-11-23T00:47:39Z' }] }
        yard.engine.faults.add({ path: '/api/tags', times: 1, fault: { kind: 'status', status: 200, body } })
        expect((await held(yard)).map(({ name }) => name)).toEqual(['mine:latest'])
        const moment = `127.0.0.1:5000/modelyard-${'a'.repeat(32)}/tiny:latest`
        yard.engine.shelf.models.push({ name: moment })
        expect((await held(yard)).map(({ name }) => name)).toEqual(['mine:latest'])
        seedModel(createStore(yard.store), moment)
        yard.engine.shelf.models.pop()
        expect((await held(yard)).map(({ name }) => name)).toEqual(['mine:latest'])
      },
      { models: [{ name: 'mine' }] },
    )
  })

  it('are none where Ollama does not answer; only the signal is thrown', async () => {
    const provider = createOllama(providerConfig({ kind: 'ollama', baseUrl: `http://127.0.0.1:1` }), limits)
    expect(await provider.files?.(soon())).toEqual([])
    await expect(provider.files?.(AbortSignal.abort(new TypeError('enough')))).rejects.toThrow('enough')
    await provider.close()
  })

  it('leave out what is no manifest and what lies elsewhere', async () => {
    await withStore(
      async (yard) => {
        const lab = join(yard.store, 'manifests', 'registry.ollama.ai', 'lab')
        const put = async (name: string, text: string): Promise<void> => {
          await mkdir(join(lab, name), { recursive: true })
          await writeFile(join(lab, name, 'latest'), text)
        }
        const layer = (digest: string) => JSON.stringify({ layers: [{ mediaType: 'application/vnd.ollama.image.model', digest, size: 1 }] })
        await put('cut', '{"layers":[')
        await put('climbs', layer('sha256:../../../../etc/passwd'))
        await put('gone', layer(`sha256:${'0'.repeat(64)}`))
        await put('large', ' '.repeat(2_000_000))
        await put('odd', '{"layers":{"__proto__":[]}}')
        await mkdir(join(lab, 'folder', 'latest'), { recursive: true })
        await mkdir(join(lab, 'link'))
        await symlink('/etc/passwd', join(lab, 'link', 'latest'))
        expect((await held(yard)).map(({ name }) => name)).toEqual(['mine:latest'])
      },
      { models: [{ name: 'mine' }] },
    )
  })
})

describe('usual stores', () => {
  it('begin with what OLLAMA_MODELS says, if that is a whole path', () => {
    expect(usualStores({ OLLAMA_MODELS: '/volume/models' })[0]).toBe('/volume/models')
    expect(usualStores({ OLLAMA_MODELS: 'models' })).toEqual(usualStores({}))
    expect(usualStores({})[0]).toMatch(/\.ollama\/models$/)
  })

  it('come after the configuration’s modelsDir', async () => {
    await withStore(async (yard) => {
      const config = { kind: 'ollama', baseUrl: yard.engine.url, modelsDir: yard.store } as const
      const provider = createOllama(providerConfig(config), limits, { library: yard.library, stores: [] })
      const file = await yard.file('tiny.gguf')
      const coming = modelOf({ ...file, path: undefined as never })
      const decision = await provider.importing?.plan(coming, soon())
      expect(decision).toMatchObject({ strategy: 'registry-link', volume: join(yard.store, 'blobs') })
      const done = await provider.importing?.perform(modelOf(file), decision as never, { signal: soon() })
      const [one] = (await provider.files?.(soon(), done?.name)) ?? []
      expect([linksOf(file.path), isSameFile(one?.path ?? '', file.path)]).toEqual([2, true])
      await provider.close()
    })
  })
})
