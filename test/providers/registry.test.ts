import { describe, expect, it } from 'vitest'
import { providerKinds } from '../../src/contract/index.ts'
import { createProviders } from '../../src/providers/registry.ts'
import { failureOf } from './ollama/with-ollama.ts'
import { notAborted, providerConfig, scriptedEngine, sendJson } from './openai-chat/scripted-engine.ts'

const context = { isOurs: () => false, library: '/nowhere/library', home: '/nowhere', log: () => {} }
const address = 'http://127.0.0.1:9'

describe('the providers', () => {
  it('are made of every kind, in the order of the configuration', async () => {
    const configs = providerKinds.map((kind) =>
      providerConfig({ kind, id: `my-${kind}`, ...(kind !== 'embedded' && { baseUrl: address }) }),
    )
    const providers = createProviders(configs, context)
    expect(providers.map(({ id, kind }) => [id, kind])).toEqual(providerKinds.map((kind) => [`my-${kind}`, kind]))
    await Promise.all(providers.map((one) => one.close()))
  })

  it('that are switched off are shown, and never asked', async () => {
    await using engine = await scriptedEngine((_, response) => sendJson(response, 200, {}))
    const [provider] = createProviders([providerConfig({ kind: 'ollama', enabled: false, baseUrl: engine.url })], context)
    if (!provider) throw new TypeError('one was configured')
    const signal = notAborted()
    expect(await provider.probe(signal)).toMatchObject({ state: 'disabled', hint: expect.stringContaining('enabled') })
    expect([await provider.list(signal), await provider.loaded(signal), provider.dialects()]).toEqual([[], [], []])
    const refused = [
      provider.show('a', signal),
      provider.load('a', {}, { signal }),
      provider.unload({ name: 'a' }, signal),
      provider.chat({ model: 'a', messages: [] }, { signal })[Symbol.asyncIterator]().next(),
    ]
    for (const call of refused) expect(await failureOf(call)).toMatchObject({ code: 'provider_unreachable', retryable: false })
    await provider.close()
    expect(engine.asked).toEqual([])
  })

  it('are guarded and limited', async () => {
    const config = providerConfig({ kind: 'ollama', baseUrl: address })
    const [provider] = createProviders([config], { ...context, isOurs: (url) => url.href === `${address}/` })
    expect((await provider?.probe(notAborted()))?.error?.code).toBe('address_is_our_own')
    await provider?.close()
  })
})
