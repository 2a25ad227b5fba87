/** Giving Ollama a model when something goes wrong: nothing is left of it, and the reason is told. */
import { existsSync } from 'node:fs'
import { link, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { ModelyardError } from '../../../src/contract/index.ts'
import { createOllama } from '../../../src/providers/ollama/index.ts'
import type { ImportAddition } from '../../../src/providers/provider.ts'
import { deferred } from '../../../src/util/deferred.ts'
import { providerConfig, replay } from '../openai-chat/scripted-engine.ts'
import { answering, failureOf, limits, withOllama } from './with-ollama.ts'
import { answersAt, blobOf, imported, linksOf, modelOf, soon, withStore, type Yard } from './with-store.ts'

describe('what goes wrong', () => {
  const fails = async (yard: Yard, code: string): Promise<ModelyardError> => {
    const file = await yard.file('tiny.gguf')
    const error = await failureOf(imported(yard, modelOf(file)))
    expect(error.code).toBe(code)
    expect([await yard.names(), linksOf(file.path)]).toEqual([[], 1])
    // Half of a blob Ollama itself takes away at its next start.
    expect((await yard.blobs()).filter((name) => !name.endsWith('-partial'))).toEqual([])
    return error
  }

  it.each([
    ['a pull that says success and did nothing', '/api/pull'],
    ['a copy that says 200 and did nothing', '/api/copy'],
  ])('%s', async (_, path) => {
    await withStore(async (yard) => {
      yard.engine.faults.add({ path, fault: { kind: 'nothing' } })
      await fails(yard, 'import_failed')
    })
  })

  it('an error inside a 200, in Ollama’s own words without paths', async () => {
    await withStore(async (yard) => {
      const message = 'open /home/someone/.ollama/models/blobs/x: \u001b[31mpermission denied'
      yard.engine.faults.add({ path: '/api/pull', fault: { kind: 'error-inside', message, after: 1 } })
      const error = await fails(yard, 'import_failed')
      expect(error.message).toBe('Ollama: open x: permission denied')
    })
  })

  it('a full disk, a stream that is cut, an Ollama that dies', async () => {
    await withStore(async (yard) => {
      const full = 'write /models/blobs/sha256-1-partial: no space left on device'
      yard.engine.faults.add({ path: '/api/pull', times: 1, fault: { kind: 'error-inside', message: full, after: 1 } })
      await fails(yard, 'disk_full')
      yard.engine.faults.add({ path: '/api/pull', times: 1, fault: { kind: 'cut', after: 2 } })
      await fails(yard, 'provider_protocol')
      yard.engine.faults.add({ path: '/api/pull', times: 1, fault: { kind: 'reset-after', after: 2 } })
      await fails(yard, 'provider_protocol')
    })
  })

  it('an Ollama that cannot reach us is told from others', async () => {
    const engine = answering({
      'GET /api/version': '0.32.15/03-version',
      'GET /api/tags': '0.32.15/04-tags-empty',
      'POST /api/pull': (response) => replay(response, 'ollama/0.32.15/69-pull-no-registry.json'),
    })
    await withStore(async (yard) => {
      const file = await yard.file('tiny.gguf')
      await withOllama(engine, async (provider) => {
        const decision = { strategy: 'registry-copy', reason: '', name: 'tiny:latest', extraBytes: 0 } as const
        const error = await failureOf(provider.importing?.perform(modelOf(file), decision, { signal: soon() }) as never)
        expect([error.code, error.hint]).toEqual(['import_failed', expect.stringContaining('container')])
      })
    })
  })

  it('an Ollama that does not answer', async () => {
    await withStore(async (yard) => {
      const hasty = createOllama(providerConfig({ kind: 'ollama', baseUrl: yard.engine.url }), { ...limits, stepMs: 50 }, { stores: [] })
      yard.engine.faults.add({ path: '/api/tags', fault: { kind: 'never' } })
      expect((await failureOf(hasty.importing?.plan(modelOf(await yard.file('a.gguf')), soon()) as never)).code).toBe('timeout')
      expect(await hasty.files?.(soon())).toEqual([])
      await hasty.close()
    })
  })

  it('a file that is not what was promised, and a store with a damaged blob', async () => {
    await withStore(async (yard) => {
      const file = await yard.file('tiny.gguf')
      const decision = await yard.importing.plan(modelOf(file), soon())
      await writeFile(file.path, 'GGUF, but shorter')
      const changed = await failureOf(yard.importing.perform(modelOf(file), decision, { signal: soon() }))
      expect([changed.code, changed.message]).toEqual(['import_failed', expect.stringContaining('has changed')])
      expect(await yard.blobs()).toEqual([])
      const whole = await yard.file('tiny.gguf')
      await writeFile(blobOf(yard.store, whole.sha256), 'GGUF')
      const damaged = await failureOf(yard.importing.perform(modelOf(whole), decision, { signal: soon() }))
      expect([damaged.code, damaged.message]).toEqual(['import_failed', expect.stringContaining('damaged blob')])
    })
  })

  it('bytes whose hash is another one: Ollama itself finds it out', async () => {
    await withStore(
      async (yard) => {
        const file = { ...(await yard.file('tiny.gguf')), sha256: 'ab'.repeat(32) }
        const error = await failureOf(imported(yard, modelOf(file)))
        expect([error.code, error.message]).toEqual(['import_failed', expect.stringContaining('digest mismatch')])
        expect(await yard.names()).toEqual([])
      },
      { known: () => [] },
    )
  })

  it('an abort ends the pull and takes back all names', async () => {
    await withStore(
      async (yard) => {
        const file = await yard.file('tiny.gguf', Buffer.alloc(20_000_000, 'GGUF'))
        const decision = await yard.importing.plan(modelOf(file), soon())
        const abort = new AbortController()
        const told: ImportAddition[] = []
        const performing = yard.importing.perform(modelOf(file), decision, {
          signal: abort.signal,
          onProgress: () => abort.abort(new ModelyardError('cancelled', 'not wanted')),
          onAdding: async (one) => void told.push(one),
        })
        expect((await failureOf(performing)).message).toBe('not wanted')
        expect(await yard.names()).toEqual([])
        expect(await answersAt(told[0]?.what.split('/')[0] ?? '')).toBe(false)
        expect(existsSync(blobOf(yard.store, file.sha256))).toBe(false)
      },
      { known: () => [] },
    )
  })

  it('what could not be told beforehand is not done', async () => {
    for (const stop of [1, 2, 3]) {
      await withStore(async (yard) => {
        const file = await yard.file('tiny.gguf')
        const decision = await yard.importing.plan(modelOf(file), soon())
        let told = 0
        const onAdding = async (): Promise<void> => {
          told += 1
          if (told === stop) throw new ModelyardError('disk_full', 'the journal cannot be written')
        }
        expect((await failureOf(yard.importing.perform(modelOf(file), decision, { signal: soon(), onAdding }))).code).toBe('disk_full')
        expect([await yard.names(), await yard.blobs(), linksOf(file.path)]).toEqual([[], [], 1])
      })
    }
  })
})

describe('after a crash', () => {
  it('it is done again and goes on, and no long name is left', async () => {
    await withStore(async (yard) => {
      const file = await yard.file('tiny.gguf')
      const decision = await yard.importing.plan(modelOf(file), soon())
      yard.engine.faults.add({ path: '/api/delete', times: 1, fault: { kind: 'nothing' } })
      const first = await yard.importing.perform(modelOf(file), decision, { signal: soon() })
      expect(await yard.names()).toEqual(['tiny:q4_k_m'])
      const again = await yard.importing.perform(modelOf(file), decision, { signal: soon(), recorded: first.added })
      expect(again).toEqual(first)
      expect([await yard.names(), linksOf(file.path)]).toEqual([['tiny:q4_k_m'], 2])
    })
  })

  it('what it had not recorded is another’s, and stays', async () => {
    await withStore(async (yard) => {
      const file = await yard.file('tiny.gguf')
      const decision = await yard.importing.plan(modelOf(file), soon())
      await yard.importing.perform(modelOf(file), decision, { signal: soon() })
      const again = await yard.importing.perform(modelOf(file), decision, { signal: soon() })
      expect(again).toMatchObject({ name: 'tiny:q4_k_m', added: [] })
      const long: ImportAddition = { kind: 'model', what: `127.0.0.1:1/modelyard-${'a'.repeat(32)}/tiny:q4_k_m@sha256:${'b'.repeat(64)}` }
      expect(await yard.importing.perform(modelOf(file), decision, { signal: soon(), recorded: [long] })).toEqual(again)
    })
  })

  it('of two that come at once only the one that gave it the name has added it', async () => {
    await withStore(async (yard) => {
      const file = await yard.file('tiny.gguf')
      const decision = await yard.importing.plan(modelOf(file), soon())
      const gate = deferred<void>()
      const kept = [0, 1].map(() => new Map<string, ImportAddition>())
      let told = 0
      const performs = kept.map((record) =>
        yard.importing.perform(modelOf(file), decision, {
          signal: soon(),
          onAdding: async (one) => {
            record.set(one.what, one)
            if (++told === 2) gate.resolve()
            await gate.promise
          },
          onNotAdded: async (one) => void record.delete(one.what),
        }),
      )
      const results = await Promise.all(performs)
      expect(results.map(({ name }) => name)).toEqual([decision.name, decision.name])
      const models = results.map(({ added }) => added.filter(({ kind }) => kind === 'model').length)
      expect([...models].sort()).toEqual([0, 1])
      const other = models.indexOf(0)
      await yard.importing.undo([...(kept[other]?.values() ?? [])], soon())
      expect([await yard.names(), linksOf(file.path)]).toEqual([['tiny:q4_k_m'], 2])
      await yard.importing.undo([...(kept[1 - other]?.values() ?? [])], soon())
      expect([await yard.names(), linksOf(file.path)]).toEqual([[], 1])
    })
  })

  it('what it had told is taken back: any part of it, and once more', async () => {
    for (const reached of [1, 2, 3]) {
      await withStore(async (yard) => {
        const file = await yard.file('tiny.gguf')
        const decision = await yard.importing.plan(modelOf(file), soon())
        const told: ImportAddition[] = []
        // From here on the process is as good as dead: it hears nothing, and takes nothing back.
        let crashed: () => void = () => {}
        const dead = new Promise<void>((resolve) => {
          crashed = resolve
        })
        const onAdding = async (one: ImportAddition): Promise<void> => {
          told.push(one)
          if (told.length < reached + 1 && reached < 3) return
          if (reached === 3 && told.length < 3) return
          crashed()
          await new Promise(() => {})
        }
        void yard.importing.perform(modelOf(file), decision, { signal: new AbortController().signal, onAdding })
        await dead
        await yard.importing.undo(told, soon())
        await yard.importing.undo(told, soon())
        expect([await yard.names(), await yard.blobs(), linksOf(file.path)]).toEqual([[], [], 1])
      })
    }
  })

  it('a link nobody names goes although Ollama does not answer, which is said', async () => {
    await withStore(async (yard) => {
      const file = await yard.file('tiny.gguf')
      const path = blobOf(yard.store, file.sha256)
      await link(file.path, path)
      await yard.engine.close()
      const added: ImportAddition[] = [
        { kind: 'file', what: path },
        { kind: 'model', what: 'tiny:q4' },
      ]
      expect((await failureOf(yard.importing.undo(added, soon()))).code).toBe('provider_unreachable')
      expect([existsSync(path), linksOf(file.path)]).toEqual([false, 1])
    })
  })

  it('taking back leaves what others have made since', async () => {
    await withStore(async (yard) => {
      const file = await yard.file('tiny.gguf')
      const { added, name } = await imported(yard, modelOf(file))
      await fetch(`${yard.engine.url}/api/copy`, { method: 'POST', body: JSON.stringify({ source: name, destination: 'kept' }) })
      await yard.importing.undo(added, soon())
      expect([await yard.names(), linksOf(file.path)]).toEqual([['kept:latest'], 2])
      // The name has gone to another model meanwhile.
      const other = await imported(yard, modelOf(await yard.file('other.gguf')))
      expect(other.name).toBe(name)
      await yard.importing.undo(added, soon())
      expect((await yard.names()).sort()).toEqual(['kept:latest', name])
    })
  })

  it('a model that is in memory is unloaded before it is taken back', async () => {
    await withStore(async (yard) => {
      const { added, name } = await imported(yard, modelOf(await yard.file('tiny.gguf')))
      await yard.provider.load(name, {}, { signal: soon() })
      await yard.importing.undo(added, soon())
      expect([await yard.names(), await yard.provider.loaded(soon())]).toEqual([[], []])
    })
  })

  it('a link that is the last name of its bytes stays', async () => {
    await withStore(async (yard) => {
      const path = blobOf(yard.store, 'cd'.repeat(32))
      await writeFile(path, 'GGUF')
      await yard.importing.undo(
        [
          { kind: 'file', what: path },
          { kind: 'file', what: '/etc/hostname' },
        ],
        soon(),
      )
      expect(existsSync(path)).toBe(true)
    })
  })
})
