/** The catalogue and the Hub through the control API, in this process. */
import { describe, expect, it } from 'vitest'
import { createInProcessApi } from '../../src/api/in-process.ts'
import { createClient } from '../../src/client/index.ts'
import { fakeHub } from '../../src/testing/index.ts'
import { testYard } from '../support/test-yard.ts'

const qwen = {
  repo: 'bartowski/Qwen_Qwen3-8B-GGUF',
  gguf: { total: 8_190_735_360, architecture: 'qwen3', context_length: 40_960 },
  files: [
    { path: 'Qwen_Qwen3-8B-Q4_K_M.gguf', bytes: 5_027_784_512 },
    { path: 'mmproj-F16.gguf', bytes: 1_000_000 },
  ],
}

async function open() {
  const hub = await fakeHub({
    repositories: [qwen, { repo: 'other/unknown-GGUF', gguf: { total: 1e12 }, files: [{ path: 'm-Q4_0.gguf', bytes: 5e14 }] }],
  })
  const { yard, ...rest } = await testYard({ hub: { endpoint: hub.url } })
  const api = createInProcessApi(yard)
  const close = async () => {
    api.close()
    await rest[Symbol.asyncDispose]()
    await hub.close()
  }
  return { hub, yard, client: createClient(api), [Symbol.asyncDispose]: close }
}

describe('the catalogue and the Hub', () => {
  it('the catalogue needs no network', async () => {
    await using opened = await open()
    await opened.hub.close()
    const { entries, quantizations } = await opened.client.catalog()
    expect(entries.find(({ id }) => id === 'qwen3-8b')).toMatchObject({ repositories: [qwen.repo, expect.any(String)] })
    expect(quantizations.find(({ name }) => name === 'Q4_K_M')).toMatchObject({ quality: 'good' })
  })

  it('search and repository say what the Hub says', async () => {
    await using opened = await open()
    expect(await opened.client.hub.search({ words: 'qwen3' })).toMatchObject([{ repo: qwen.repo, contextLength: 40_960 }])
    expect(await opened.yard.hub.search({ words: 'nothing' })).toEqual([])
  })

  it('what of it fits: exact where the catalogue knows the cache, and the projector counts', async () => {
    await using opened = await open()
    const found = await opened.client.hub.repository(qwen.repo)
    const [first] = found.quantizations
    expect(first?.fit).toMatchObject({
      weightsBytes: 5_027_784_512 + 1_000_000,
      contextBytes: 8192 * 36 * 8 * 256 * 2,
      contextLength: 8192,
    })
    expect(first?.fit?.text).toContain('against')
    const other = await opened.client.hub.repository('other/unknown-GGUF')
    expect(other.quantizations[0]?.fit).toMatchObject({ verdict: 'no' })
    expect(other).not.toHaveProperty('recommended')
    expect(other.recommendation).toContain('None fits')
  })

  it.each(['nothing', 'a/b/c', '../x', 'a/..', 'a/b c', 'con/x'])('%j is no repository', async (name) => {
    await using opened = await open()
    await expect(opened.client.hub.repository(name)).rejects.toMatchObject({ code: expect.stringMatching(/^(invalid_request|not_found)$/) })
    expect(opened.hub.ledger).toHaveLength(0)
  })

  it('refuses words and limits beyond reason', async () => {
    await using opened = await open()
    for (const query of [{ words: '' }, { words: 'x'.repeat(201) }, { words: 'x', limit: 0 }, { words: 'x', limit: 101 }])
      await expect(opened.client.hub.search(query)).rejects.toMatchObject({ code: 'invalid_request' })
  })

  it('closing ends what still runs', async () => {
    await using opened = await open()
    opened.hub.faults.add({ fault: { kind: 'never' } })
    const search = opened.yard.hub.search({ words: 'x' }).catch((error: unknown) => error)
    await opened.hub.waitFor(() => opened.hub.ledger.length > 0)
    await opened.yard.close()
    expect(await search).toMatchObject({ code: 'interrupted' })
  })
})
