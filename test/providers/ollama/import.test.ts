/** Giving Ollama a model: real files and sockets, an Ollama that pulls as the recorded one does. */

import { existsSync } from 'node:fs'
import { cp, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createOllama } from '../../../src/providers/ollama/index.ts'
import type { ImportAddition } from '../../../src/providers/provider.ts'
import { providerConfig } from '../openai-chat/scripted-engine.ts'
import { answering, failureOf, withOllama } from './with-ollama.ts'
import { answersAt, blobOf, imported, isSameFile, linksOf, modelOf, soon, weights, withStore } from './with-store.ts'

describe('a model gets into Ollama without a second copy', () => {
  it('by a hard link and a pull that fetches none of its bytes', async () => {
    await withStore(async (yard) => {
      const { engine, importing, provider, store } = yard
      const file = await yard.file('tiny.gguf')
      const decision = await importing.plan(modelOf(file), soon())
      expect(decision).toMatchObject({ strategy: 'registry-link', name: 'tiny:q4_k_m', extraBytes: 0 })
      expect(engine.ledger.every(({ method }) => method === 'GET' || method === 'HEAD')).toBe(true)

      const told: { one: ImportAddition; blob: boolean; names: string[] }[] = []
      const progress: number[] = []
      const result = await importing.perform(modelOf(file), decision, {
        signal: soon(),
        onProgress: (done) => void progress.push(done),
        onAdding: async (one) => void told.push({ one, blob: existsSync(blobOf(store, file.sha256)), names: await yard.names() }),
      })
      const listed = (await provider.list(soon())).find(({ name }) => name === 'tiny:q4_k_m')
      expect(listed).toMatchObject({ quantization: 'Q4_K_M', family: 'llama', parameters: '123K', kind: 'chat' })
      expect(isSameFile(file.path, blobOf(store, file.sha256))).toBe(true)
      expect([linksOf(file.path), progress]).toEqual([2, []])
      // All that went over the wire is the configuration.
      expect(engine.pulls.fetched).toHaveLength(1)
      expect(engine.pulls.fetched[0]).not.toContain(file.sha256)

      const long = told[1]?.one.what ?? ''
      expect(told.map(({ one, blob, names }) => [one.kind, blob, names.length])).toEqual([
        ['file', false, 0],
        ['model', true, 0],
        ['model', true, 1],
      ])
      expect(long).toMatch(/^127\.0\.0\.1:\d+\/modelyard-[0-9a-f]{32}\/tiny:q4_k_m@sha256:[0-9a-f]{64}$/)
      expect(await answersAt(long.split('/')[0] ?? '')).toBe(false)
      expect(result).toMatchObject({ name: 'tiny:q4_k_m', added: [told[0]?.one, told[2]?.one] })
      expect(result.added[1]?.what).toBe(`tiny:q4_k_m@sha256:${listed?.identity}`)
      expect(await yard.names()).toEqual(['tiny:q4_k_m'])
    })
  })

  it('with its projector, each quantization under its own name', async () => {
    await withStore(async (yard) => {
      const [first, other, projector] = [await yard.file('a.gguf'), await yard.file('b.gguf'), await yard.file('mmproj.gguf')]
      await imported(yard, modelOf(first, { projector }))
      await imported(yard, modelOf(other, { quantization: 'UD-Q8_K_XL' }))
      await imported(yard, modelOf(await yard.file('c.gguf'), { repo: 'lab/Ünnamed Thing.gguf', quantization: undefined }))
      expect((await yard.names()).sort()).toEqual(['nnamed-thing:latest', 'tiny:q4_k_m', 'tiny:ud-q8_k_xl'])
      expect([linksOf(first.path), linksOf(projector.path), linksOf(other.path)]).toEqual([2, 2, 2])
      const seeing = (await yard.provider.list(soon())).find(({ name }) => name === 'tiny:q4_k_m')
      expect(seeing?.capabilities).toContain('vision')
      const held = await yard.provider.files?.(soon(), 'TINY:Q4_K_M')
      expect(held?.map(({ role, sha256, bytes }) => [role, sha256, bytes])).toEqual([
        ['weights', first.sha256, first.bytes],
        ['projector', projector.sha256, projector.bytes],
      ])
    })
  })

  it('into the store that Ollama itself tells of, where no usual place is it', async () => {
    await withStore(
      async (yard) => {
        const file = await yard.file('tiny.gguf')
        expect((await yard.importing.plan(modelOf(file), soon())).strategy).toBe('registry-link')
        await imported(yard, modelOf(file))
        expect(linksOf(file.path)).toBe(2)
      },
      { models: [{ name: 'there-before' }], known: (folder) => [join(folder, 'nothing')] },
    )
  })

  it('not into a folder that only looks like its store: what was linked there goes again, and it is not tried twice', async () => {
    await withStore(
      async (yard) => {
        const copied = join(yard.library, '..', 'copied')
        await cp(yard.store, copied, { recursive: true, preserveTimestamps: true })
        const file = await yard.file('tiny.gguf')
        expect((await yard.importing.plan(modelOf(file), soon())).volume).toBe(join(copied, 'blobs'))
        await imported(yard, modelOf(file))
        expect([existsSync(blobOf(copied, file.sha256)), existsSync(blobOf(yard.store, file.sha256))]).toEqual([false, true])
        expect(isSameFile(file.path, blobOf(yard.store, file.sha256))).toBe(true)
        expect(linksOf(file.path)).toBe(2)
        expect(await yard.names()).toContain('tiny:q4_k_m')
        const next = await yard.importing.plan(modelOf(await yard.file('other.gguf')), soon())
        expect(next.volume).toBe(join(yard.store, 'blobs'))
      },
      { models: [{ name: 'there-before' }], known: (folder) => [join(folder, 'copied')] },
    )
  })

  it('several at once, each by a link, and are taken back at once', async () => {
    await withStore(async (yard) => {
      const files = await Promise.all(Array.from({ length: 8 }, (_, at) => yard.file(`${at}.gguf`)))
      const results = await Promise.all(files.map((file, at) => imported(yard, modelOf(file, { repo: `lab/model-${at}` }))))
      expect(files.map(({ path }) => linksOf(path))).toEqual(files.map(() => 2))
      expect(await yard.names()).toHaveLength(8)
      expect(new Set((await yard.provider.files?.(soon()))?.map(({ sha256 }) => sha256))).toEqual(
        new Set(files.map(({ sha256 }) => sha256)),
      )
      await Promise.all(results.map(({ added }) => yard.importing.undo(added, soon())))
      expect([await yard.names(), await yard.blobs(), files.map(({ path }) => linksOf(path))]).toEqual([[], [], files.map(() => 1)])
    })
  })

  it('also where the library leads to it by a symbolic link', async () => {
    await withStore(async (yard) => {
      const file = await yard.file('tiny.gguf')
      const path = join(yard.library, 'snapshot.gguf')
      await symlink(file.path, path)
      await imported(yard, modelOf({ ...file, path }))
      expect(isSameFile(file.path, blobOf(yard.store, file.sha256))).toBe(true)
    })
  })

  it('and its removal leaves the library’s file as it was', async () => {
    await withStore(async (yard) => {
      const file = await yard.file('tiny.gguf')
      const { name } = await imported(yard, modelOf(file))
      const plan = await yard.provider.removing?.plan(name, soon())
      expect(plan?.kept).toHaveLength(1)
      // The manifest's own configuration is all that is freed.
      expect(plan?.freedBytes).toBe((plan?.removed[0]?.bytes ?? 0) - file.bytes)
      await yard.provider.removing?.perform(name, { foreign: false }, soon())
      expect([await yard.names(), await yard.blobs(), linksOf(file.path)]).toEqual([[], [], 1])
      expect(await readFile(file.path)).toEqual(weights('tiny.gguf'))
    })
  })
})

describe('a model gets into Ollama by a copy', () => {
  it('where its store is not known, with progress, byte for byte', async () => {
    await withStore(
      async (yard) => {
        const bytes = Buffer.alloc(3_000_000, 'GGUF and more ')
        const file = await yard.file('tiny.gguf', bytes)
        const decision = await yard.importing.plan(modelOf(file), soon())
        expect(decision).toMatchObject({ strategy: 'registry-copy', extraBytes: bytes.length })
        expect(decision.reason).toContain('not known')
        expect(decision.volume).toBeUndefined()
        const progress: number[] = []
        await imported(yard, modelOf(file), progress)
        expect(progress.length).toBeGreaterThan(1)
        expect(progress).toEqual([...new Set(progress)].sort((a, b) => a - b))
        expect(progress.at(-1)).toBe(bytes.length)
        expect(bytes.equals(await readFile(blobOf(yard.store, file.sha256)))).toBe(true)
        expect([linksOf(file.path), await yard.names()]).toEqual([1, ['tiny:q4_k_m']])
        expect(yard.engine.pulls.fetched[0]).toBe(`sha256:${file.sha256} ${bytes.length}`)
      },
      { known: () => [] },
    )
  })
})

describe('before anything is written', () => {
  it('the same files under any name are present, and nothing is added', async () => {
    await withStore(async (yard) => {
      const file = await yard.file('tiny.gguf')
      await imported(yard, modelOf(file))
      const again = modelOf(file, { repo: 'other/Name', quantization: 'F16' })
      const decision = await yard.importing.plan(again, soon())
      expect(decision).toMatchObject({ strategy: 'present', name: 'tiny:q4_k_m', extraBytes: 0 })
      expect(await yard.importing.perform(again, decision, { signal: soon() })).toMatchObject({ name: 'tiny:q4_k_m', added: [] })
      const seeing = modelOf(file, { projector: await yard.file('mmproj.gguf') })
      expect((await yard.importing.plan(seeing, soon())).strategy).toBe('registry-link')
    })
  })

  it.each([
    ['its store', undefined],
    ['its word', () => []],
  ])('they are found by %s before a second name is made, when their hash was not known to the plan', async (_, known) => {
    await withStore(async (yard) => {
      const file = await yard.file('tiny.gguf')
      await imported(yard, modelOf(file))
      const { sha256: _, ...unhashed } = file
      const decision = await yard.importing.plan({ ...modelOf(file), weights: [unhashed] }, soon())
      expect(decision.name).toBe('tiny:q4_k_m-2')
      const result = await yard.importing.perform(modelOf(file), decision, { signal: soon() })
      expect(result).toMatchObject({ name: 'tiny:q4_k_m', added: [] })
      expect(await yard.names()).toEqual(['tiny:q4_k_m'])
    }, known && { known })
  })

  it('they are found by asking Ollama where its store cannot be looked into', async () => {
    await withStore(
      async (yard) => {
        const [digest = ''] = (await yard.provider.list(soon())).flatMap(({ identity }) => identity ?? [])
        const file = { name: 'tiny.gguf', bytes: 1000, sha256: digest }
        const decision = await yard.importing.plan({ repo: 'lab/tiny', weights: [file] }, soon())
        expect(decision).toMatchObject({ strategy: 'present', name: 'mine:latest' })
        const other = { ...file, sha256: '0'.repeat(64) }
        expect(await yard.importing.plan({ repo: 'lab/tiny', weights: [other] }, soon())).toMatchObject({
          strategy: 'registry-copy',
          extraBytes: 1000,
        })
      },
      { models: [{ name: 'mine', sizeBytes: 1200 }], store: undefined as never },
    )
  })

  it('a name that is taken gets a number, which is said, and what has it stays as it is', async () => {
    await withStore(async (yard) => {
      for (const [number, name] of ['tiny:q4_k_m', 'tiny:q4_k_m-2', 'tiny:q4_k_m-3'].entries()) {
        const model = modelOf(await yard.file(`${number}.gguf`))
        const decision = await yard.importing.plan(model, soon())
        expect(decision.name).toBe(name)
        expect(decision.reason.includes('another tiny:q4_k_m already')).toBe(number > 0)
        await imported(yard, model)
      }
      expect((await yard.provider.files?.(soon()))?.map(({ name }) => name)).toEqual(['tiny:q4_k_m', 'tiny:q4_k_m-2', 'tiny:q4_k_m-3'])
    })
  })

  it('one that was taken since is not overwritten', async () => {
    await withStore(async (yard) => {
      const [file, other] = [await yard.file('tiny.gguf'), await yard.file('other.gguf')]
      const decision = await yard.importing.plan(modelOf(file), soon())
      await imported(yard, modelOf(other))
      const error = await failureOf(yard.importing.perform(modelOf(file), decision, { signal: soon() }))
      expect(error.code).toBe('conflict')
      expect((await yard.provider.files?.(soon()))?.map(({ sha256 }) => sha256)).toEqual([other.sha256])
    })
  })

  it('shards, another machine and an Ollama without templates of its own are refused with the way out', async () => {
    await withStore(async (yard) => {
      const shards = [await yard.file('a-00001-of-00002.gguf'), await yard.file('a-00002-of-00002.gguf')]
      const sharded = modelOf(shards[0] as never, { weights: shards })
      const error = await failureOf(yard.importing.plan(sharded, soon()))
      expect([error.code, error.hint]).toEqual(['unsupported_operation', expect.stringContaining('lmstudio')])
      expect(yard.engine.ledger).toEqual([])
    })
    const far = createOllama(providerConfig({ kind: 'ollama', baseUrl: 'http://192.0.2.1:11434' }))
    expect([far.capabilities.import, far.importing, far.capabilities.pull]).toEqual(['none', undefined, true])
    await far.close()
    const model = { repo: 'lab/tiny', weights: [{ name: 'a.gguf', bytes: 1 }] }
    await withOllama(answering({ 'GET /api/version': { version: '0.29.9' } }), async (provider) => {
      const error = await failureOf(provider.importing?.plan(model, soon()) as never)
      expect([error.code, error.hint]).toEqual(['unsupported_operation', expect.stringContaining('0.30')])
    })
  })
})
