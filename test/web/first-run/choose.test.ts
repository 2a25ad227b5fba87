/** Which three models are offered on a machine, and what is said when the Hub knows better or does not answer. */
import { describe, expect, it } from 'vitest'
import { readCatalog } from '../../../src/catalog/catalog.ts'
import { candidatesOf, choose, parametersOf, roomOf, tiers } from '../../../web/src/panels/first-run/choose.ts'
import { offerOf } from '../../../web/src/panels/first-run/offer.ts'
import { type HubRepository, ModelyardError } from '../../../web/src/sdk.ts'

const all = candidatesOf(readCatalog())
const firsts = (room: { memory: number; gpu: number }) => {
  const chosen = choose(all, room)
  return tiers.flatMap((tier) => chosen[tier].slice(0, 1))
}

describe('parameters', () => {
  it('are read as the catalogue writes them, with those that are active', () => {
    expect(parametersOf('8.2B')).toEqual({ all: 8.2e9, active: 8.2e9 })
    expect(parametersOf('30.5B, 3.3B active')).toEqual({ all: 30.5e9, active: 3.3e9 })
    expect(parametersOf('135M')).toEqual({ all: 135e6, active: 135e6 })
    expect(parametersOf('many')).toBeUndefined()
  })

  it('are known of every chat model there, and no model for embeddings is one', () => {
    const { entries } = readCatalog()
    expect(all.map(({ entry }) => entry.id)).toEqual(entries.filter((one) => !one.capabilities.includes('embedding')).map(({ id }) => id))
  })
})

describe('a choice', () => {
  it.each([
    [4e9, 0],
    [8e9, 0],
    [16e9, 0],
    [24e9, 0],
    [64e9, 24e9],
    [16e9, 8e9],
    [512e9, 0],
  ])('of %d bytes of memory and %d on a GPU is three sizes that fit, of three families', (memory, gpu) => {
    const three = firsts({ memory, gpu })
    expect(three).toHaveLength(3)
    const sizes = three.map(({ bytes }) => bytes)
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b))
    expect(Math.max(...sizes)).toBeLessThan(memory + gpu)
    expect(new Set(three.map(({ entry }) => entry.family)).size).toBe(3)
  })

  it('without a GPU is nothing that answers slowly', () => {
    expect(firsts({ memory: 512e9, gpu: 0 }).every(({ active }) => active <= 9e9)).toBe(true)
    expect(firsts({ memory: 64e9, gpu: 48e9 }).some(({ active }) => active > 9e9)).toBe(true)
  })

  it('is nothing that may not be used for work, where there is something else', () => {
    expect(all.some(({ entry }) => entry.licence.includes('research'))).toBe(true)
    for (const memory of [4e9, 8e9, 12e9, 16e9, 24e9, 48e9])
      expect(firsts({ memory, gpu: 0 }).filter(({ entry }) => entry.licence.includes('research'))).toEqual([])
  })

  it('is empty where nothing fits, and never twice the same', () => {
    expect(firsts({ memory: 5e8, gpu: 0 })).toEqual([])
    const chosen = choose(all, { memory: 24e9, gpu: 0 })
    const ids = tiers.flatMap((tier) => chosen[tier].map(({ entry }) => entry.id))
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('reckons with what is free, and with no GPU that does not tell', () => {
    const gpus = [{ name: 'a', free: 3, total: 4 }, { name: 'b' }]
    expect(roomOf({ memory: { total: 10, free: 5 }, gpus, volumes: [] })).toEqual({ memory: 5, gpu: 3 })
  })
})

describe('an offer', () => {
  const [one, two] = all
  const candidates = one && two ? [one, two] : []
  const quantization = (name: string, verdict: 'memory' | 'no', complete = true) => ({
    quantization: name,
    files: [],
    bytes: name.length,
    complete,
    fit: { verdict, text: '' },
  })
  const repository = (quantizations: HubRepository['quantizations'], more: Partial<HubRepository> = {}): HubRepository => ({
    repo: 'a/b',
    commit: '',
    url: '',
    gated: false,
    quantizations,
    projectors: [],
    drafts: [],
    ...more,
  })

  it('is the usual quantization as the Hub has it', async () => {
    const offer = await offerOf(candidates, async () =>
      repository([quantization('Q8_0', 'memory'), quantization('Q4_K_M', 'memory')], { gated: 'auto' }),
    )
    expect(offer).toEqual({
      entry: one?.entry,
      repo: one?.entry.repositories[0],
      bytes: 6,
      quantization: 'Q4_K_M',
      gated: true,
      unsure: false,
    })
  })

  it('is what the service recommends where the usual one is not whole or does not fit', async () => {
    for (const usual of [quantization('Q4_K_M', 'no'), quantization('Q4_K_M', 'memory', false)])
      expect(
        await offerOf(candidates, async () => repository([usual, quantization('Q2_K', 'memory')], { recommended: 'Q2_K' })),
      ).toMatchObject({
        quantization: 'Q2_K',
      })
  })

  it('is the next model where nothing of the first fits or the Hub does not have it', async () => {
    const first = one?.entry.repositories[0]
    const good = repository([quantization('Q4_K_M', 'memory')])
    const none = async (repo: string) => (repo === first ? repository([quantization('Q4_K_M', 'no')]) : good)
    const missing = async (repo: string) => (repo === first ? Promise.reject(new Error('no such repository')) : good)
    for (const ask of [none, missing]) expect(await offerOf(candidates, ask)).toMatchObject({ entry: two?.entry, quantization: 'Q4_K_M' })
  })

  it('is an estimate with the reason where the Hub does not answer, and none where nothing fits', async () => {
    const error = new Error('the Hub is away')
    const asked: string[] = []
    const offer = await offerOf(all, (repo) => {
      asked.push(repo)
      return Promise.reject(error)
    })
    expect(offer).toEqual({ entry: one?.entry, repo: one?.entry.repositories[0], bytes: one?.bytes, gated: false, unsure: true, error })
    expect(asked).toHaveLength(3)
    asked.length = 0
    const away = new ModelyardError('hub_unreachable')
    expect(await offerOf(all, (repo) => Promise.reject(asked.push(repo) && away))).toMatchObject({ error: away })
    expect(asked).toHaveLength(1)
    expect(await offerOf(candidates, async () => repository([]))).toBeUndefined()
    expect(await offerOf([], () => Promise.reject(error))).toBeUndefined()
  })
})
