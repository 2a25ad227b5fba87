import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { ModelyardError } from '../../src/contract/index.ts'
import { createOllama } from '../../src/providers/ollama/index.ts'
import type { Provider } from '../../src/providers/provider.ts'
import { withOwnAddressGuard } from '../../src/providers/with-own-address-guard.ts'
import { withTimeLimit } from '../../src/providers/with-time-limit.ts'
import { failureOf } from './ollama/with-ollama.ts'
import { notAborted, providerConfig, scriptedEngine, sendJson } from './openai-chat/scripted-engine.ts'

const quick = { probeMs: 30, listMs: 31, loadedMs: 32 }

async function withSilence(run: (provider: Provider) => Promise<void>): Promise<void> {
  await using engine = await scriptedEngine(() => {})
  const provider = withTimeLimit(createOllama(providerConfig({ kind: 'ollama', id: 'mine', baseUrl: engine.url })), quick)
  try {
    await run(provider)
  } finally {
    await provider.close()
  }
}

describe('limits of time', () => {
  it('end every look at an engine that says nothing', async () => {
    await withSilence(async (provider) => {
      const { signal } = new AbortController()
      const failed = await Promise.all([provider.list(signal), provider.show('a', signal), provider.loaded(signal)].map(failureOf))
      expect(failed.map(({ code, message }) => `${code}: ${message}`)).toEqual([
        'timeout: mine did not answer within 0.031 s.',
        'timeout: mine did not answer within 0.031 s.',
        'timeout: mine did not answer within 0.032 s.',
      ])
      expect(await provider.probe(signal)).toEqual({
        state: 'unreachable',
        error: { code: 'timeout', message: 'mine did not answer within 0.03 s.' },
        hint: expect.stringMatching(/\w/),
      })
      expect(getEventListeners(signal, 'abort')).toEqual([])
    })
  })

  it('are not taken for an abort of the caller', async () => {
    await withSilence(async (provider) => {
      const leaving = new AbortController()
      const failed = [provider.probe(leaving.signal), provider.list(leaving.signal)].map(failureOf)
      leaving.abort(new ModelyardError('superseded'))
      expect((await Promise.all(failed)).map(({ code }) => code)).toEqual(['superseded', 'superseded'])
    })
  })

  it('leave everything else as it is, getters alive', () => {
    let loads: 'blocking' | 'lazy' = 'blocking'
    const inner = createOllama(providerConfig({ kind: 'ollama' }))
    const changing = Object.defineProperty({ ...inner }, 'capabilities', { get: () => ({ ...inner.capabilities, load: loads }) })
    const provider = withTimeLimit(changing)
    loads = 'lazy'
    expect(provider.capabilities.load).toBe('lazy')
    expect(provider.id).toBe('ollama')
    expect(provider.chat).toBe(changing.chat)
  })
})

describe('the guard of our own address', () => {
  const config = providerConfig({ kind: 'ollama', baseUrl: 'http://127.0.0.1:7411', baseUrlFrom: 'OLLAMA_HOST' })
  const guarded = (isOurs: (url: URL) => boolean) => withOwnAddressGuard(createOllama(config), config, isOurs)

  it('says so, and where the address comes from', async () => {
    expect(await guarded(({ port }) => port === '7411').probe(notAborted())).toMatchObject({
      state: 'impostor',
      error: { code: 'address_is_our_own', message: expect.stringContaining('OLLAMA_HOST') },
      hint: expect.stringContaining('OLLAMA_HOST'),
    })
  })

  it('refuses everything that would make us ask ourselves', async () => {
    const provider = guarded(() => true)
    const signal = notAborted()
    const calls = [
      provider.list(signal),
      provider.loaded(signal),
      provider.show('a', signal),
      provider.load('a', {}, { signal }),
      provider.unload({ name: 'a' }, signal),
      provider.start?.(signal) ?? Promise.resolve(),
      provider.chat({ model: 'a', messages: [] }, { signal })[Symbol.asyncIterator]().next(),
      provider.pull?.('a', signal)[Symbol.asyncIterator]().next() ?? Promise.resolve(),
      provider.importing?.plan({ repo: 'lab/a', weights: [] }, signal) ?? Promise.resolve(),
      provider.importing?.undo([], signal) ?? Promise.resolve(),
    ]
    expect(await provider.files?.(signal)).toEqual([])
    for (const call of calls) expect((await failureOf(call)).code).toBe('address_is_our_own')
    expect(provider.dialects()).toEqual([])
  })

  it('lets every other address through, and looks each time: we may listen later', async () => {
    await using engine = await scriptedEngine((_, response) => sendJson(response, 200, { models: [] }))
    let ours = false
    const here = providerConfig({ kind: 'ollama', baseUrl: engine.url })
    const provider = withOwnAddressGuard(createOllama(here), here, () => ours)
    expect(await provider.list(notAborted())).toEqual([])
    expect(provider.dialects()).toHaveLength(3)
    ours = true
    expect((await failureOf(provider.list(notAborted()))).code).toBe('address_is_our_own')
    expect(engine.lines()).toEqual(['GET /api/tags'])
    await provider.close()
  })

  it('does not hold back who leaves an answer while a part is awaited', async () => {
    const closed = new Promise<void>((resolve, reject) => {
      const run = async (): Promise<void> => {
        await using engine = await scriptedEngine((_, response) => {
          response.on('close', resolve)
          response.writeHead(200).write('{"model":"a","message":{"content":"x"},"done":false}\n')
        })
        const here = providerConfig({ kind: 'ollama', baseUrl: engine.url })
        const provider = withTimeLimit(withOwnAddressGuard(createOllama(here), here, () => false))
        const parts = provider.chat({ model: 'a', messages: [] }, { signal: notAborted() })[Symbol.asyncIterator]()
        await parts.next()
        await parts.next()
        const awaited = parts.next().catch(() => undefined)
        await parts.return?.()
        await awaited
        await provider.close()
      }
      run().catch(reject)
    })
    await closed
  })
})
