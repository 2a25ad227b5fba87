/** An import into a real Ollama, where its address is given: `MODELYARD_LIVE_OLLAMA`, and `OLLAMA_MODELS` for its store. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createOllama } from '../../../src/providers/ollama/index.ts'
import { namedGguf } from '../../../src/testing/gguf/named-gguf.ts'
import { chatParts, providerConfig, textOf } from '../openai-chat/scripted-engine.ts'
import { fileIn, linksOf, modelOf } from './with-store.ts'

const url = process.env.MODELYARD_LIVE_OLLAMA
const store = process.env.OLLAMA_MODELS

describe.skipIf(url === undefined)('a real Ollama', () => {
  it.each([
    ['by a link', store],
    ['by a copy', undefined],
  ])('gets a model %s, answers with it, and gives it back', { timeout: 120_000 }, async (_, known) => {
    const library = await mkdtemp(join(store === undefined ? tmpdir() : dirname(store), 'modelyard-live-'))
    const provider = createOllama(providerConfig({ kind: 'ollama', baseUrl: url }), undefined, {
      library,
      stores: known === undefined ? [] : [known],
    })
    const importing = provider.importing
    if (importing === undefined) throw new TypeError('expected an Ollama on this machine')
    const signal = AbortSignal.timeout(100_000)
    try {
      const bytes = namedGguf('walnut')
      const file = await fileIn(library, 'walnut.gguf', bytes)
      const model = modelOf(file, { repo: 'modelyard-live/Walnut-GGUF' })
      const planned = await importing.plan(model, signal)
      const decision = known === undefined ? ({ ...planned, strategy: 'registry-copy' } as const) : planned
      const { name, added } = await importing.perform(model, decision, { signal })
      expect(linksOf(file.path)).toBe(decision.strategy === 'registry-link' ? 2 : 1)
      expect((await provider.list(signal)).find((one) => one.name === name)?.quantization).toBe('Q4_K_M')
      expect(textOf(await chatParts(provider, name))).toMatch(/^walnut/)
      await importing.undo(added, signal)
      expect((await provider.list(signal)).some((one) => one.name === name)).toBe(false)
      expect([linksOf(file.path), Buffer.compare(await readFile(file.path), bytes)]).toEqual([1, 0])
    } finally {
      await provider.close()
      await rm(library, { recursive: true, force: true })
    }
  })
})
