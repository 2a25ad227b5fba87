/** Which models a filter lets through, in which order, and what there is to filter by. */
import { describe, expect, it } from 'vitest'
import {
  choicesOf,
  conditionsOf,
  type Filter,
  filtered,
  findable,
  noFilter,
  ordered,
  sizeRange,
} from '../../../web/src/panels/switch/filter.ts'
import type { Model } from '../../../web/src/sdk.ts'

const model = (name: string, more: Partial<Model> = {}): Model => {
  const provider = more.provider ?? 'ollama'
  return {
    ref: `${provider}/${name}`,
    provider,
    name,
    kind: 'chat',
    capabilities: ['completion'],
    loaded: [],
    pinned: false,
    slots: [],
    ...more,
  }
}
const models = [
  model('llama-10b', { sizeBytes: 10e9, quantization: 'Q4_K_M', capabilities: ['completion', 'tools'] }),
  model('llama-9b', { sizeBytes: 9.9e9, quantization: 'Q8_0' }),
  model('qwen3:8b', { sizeBytes: 5.2e9, quantization: 'Q4_K_M', capabilities: ['completion', 'reasoning', 'tools'], family: 'qwen3' }),
  model('gemma', { provider: 'lmstudio', displayName: 'Gemma 3 4B', loaded: [{ loadedBy: 'us' }] }),
  model('zephyr', { sizeBytes: 1.9e9, slots: ['default'] }),
]
const names = (filter: Partial<Filter>): string[] => filtered(ordered(models), { ...noFilter, ...filter }).map((one) => one.name)

describe('the list', () => {
  it('has what serves first, then what is loaded, then names with their numbers in order', () => {
    expect(names({})).toEqual(['zephyr', 'gemma', 'llama-9b', 'llama-10b', 'qwen3:8b'])
  })

  it('keeps that order whatever is typed, so that no row jumps over another', () => {
    const order = names({})
    for (const words of ['l', 'la', 'b', 'e', '4']) {
      const some = names({ words })
      expect(some.length).toBeGreaterThan(0)
      expect(some).toEqual(order.filter((name) => some.includes(name)))
    }
  })

  it('is searched by every word, in any order and case, in all that names a model', () => {
    expect(names({ words: 'Q4 llama-' })).toEqual(['llama-10b'])
    expect(names({ words: '  GEMMA   lmstudio ' })).toEqual(['gemma'])
    expect(names({ words: '3 4b' })).toEqual(['gemma'])
    expect(names({ words: 'reasoning' })).toEqual(['qwen3:8b'])
    expect(names({ words: '.*' })).toEqual([])
  })

  it('is narrowed by each condition, and by all of them together', () => {
    expect(names({ provider: 'lmstudio' })).toEqual(['gemma'])
    expect(names({ quantization: 'Q4_K_M' })).toEqual(['llama-10b', 'qwen3:8b'])
    expect(names({ capability: 'tools' })).toEqual(['llama-10b', 'qwen3:8b'])
    expect(names({ loaded: true })).toEqual(['zephyr', 'gemma'])
    expect(names({ capability: 'tools', words: 'qwen', provider: 'ollama' })).toEqual(['qwen3:8b'])
    expect(names({ capability: 'tools', provider: 'lmstudio' })).toEqual([])
    expect(conditionsOf({ ...noFilter, words: 'x', provider: 'ollama', loaded: true })).toBe(2)
  })

  it('counts a size into the range that begins with it; one that is not known is in none', () => {
    const ranges = choicesOf(ordered(models)).size
    expect(ranges.map(({ value, count }) => [...sizeRange(value), count])).toEqual([
      [0, 2e9, 1],
      [5e9, 10e9, 2],
      [10e9, 20e9, 1],
    ])
    expect(names({ size: ranges[1]?.value ?? '' })).toEqual(['llama-9b', 'qwen3:8b'])
  })

  it('offers only what is there, with how many have it', () => {
    const { provider, quantization, capability, loaded } = choicesOf(ordered(models))
    expect(provider).toEqual([
      { value: 'lmstudio', count: 1 },
      { value: 'ollama', count: 4 },
    ])
    expect(quantization).toEqual([
      { value: 'Q4_K_M', count: 2 },
      { value: 'Q8_0', count: 1 },
    ])
    expect(capability).toEqual([
      { value: 'tools', count: 2 },
      { value: 'reasoning', count: 1 },
    ])
    expect(loaded).toBe(2)
    expect(choicesOf([])).toEqual({ provider: [], size: [], quantization: [], capability: [], loaded: 0 })
  })

  it('looks through a model once, however often it is filtered', () => {
    const [first] = models
    if (first) expect(findable(first)).toBe(findable(first))
  })
})
