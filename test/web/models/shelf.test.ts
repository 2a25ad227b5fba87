/** The shelf of models: what it shows, in which order, and what is kept of an engine that does not answer. */
import { describe, expect, it } from 'vitest'
import { allWanted, firstOrder, type Order, orderAfter, ordered, wantedOf, withLastKnown } from '../../../web/src/panels/models/shelf.ts'
import { totalOf, totalsOf } from '../../../web/src/panels/models/totals.ts'
import { model } from './model.ts'

const refs = (models: readonly { ref: string }[]): string[] => models.map(({ ref }) => ref)

const shelf = [
  model('ollama/b:10b', { sizeBytes: 2e9, modifiedAt: '2026-02-01T00:00:00Z' }),
  model('ollama/b:9b', { sizeBytes: 3e9, modifiedAt: '2026-03-01T00:00:00Z' }),
  model('lmstudio/a', { modifiedAt: '2026-01-01T00:00:00Z' }),
  model('lmstudio/c', { sizeBytes: 1e9, kind: 'embedding', quantization: 'Q8_0' }),
]

describe('the order of the shelf', () => {
  const by = (column: Order['by'], down = false): string[] => refs(ordered(shelf, { by: column, down }))

  it('is by name at first, numbers in names as numbers', () => {
    expect(refs(ordered(shelf, firstOrder))).toEqual(['lmstudio/a', 'ollama/b:9b', 'ollama/b:10b', 'lmstudio/c'])
  })

  it('puts what has no size or time last in both directions', () => {
    expect(by('size')).toEqual(['lmstudio/c', 'ollama/b:10b', 'ollama/b:9b', 'lmstudio/a'])
    expect(by('size', true)).toEqual(['ollama/b:9b', 'ollama/b:10b', 'lmstudio/c', 'lmstudio/a'])
    expect(by('modified', true)).toEqual(['ollama/b:9b', 'ollama/b:10b', 'lmstudio/a', 'lmstudio/c'])
  })

  it('turns round where a column is chosen again; sizes and times begin with the greatest', () => {
    expect(orderAfter(firstOrder, 'name')).toEqual({ by: 'name', down: true })
    expect(orderAfter(firstOrder, 'size')).toEqual({ by: 'size', down: true })
    expect(orderAfter({ by: 'size', down: true }, 'provider')).toEqual({ by: 'provider', down: false })
  })
})

describe('what the shelf lets through', () => {
  it('has every word somewhere, in any case', () => {
    expect(refs(wantedOf(shelf, { ...allWanted, words: ' OLLAMA 9B ' }))).toEqual(['ollama/b:9b'])
    expect(refs(wantedOf(shelf, { ...allWanted, words: 'q8' }))).toEqual(['lmstudio/c'])
    expect(wantedOf(shelf, { ...allWanted, words: 'ollama q8' })).toEqual([])
  })

  it('is of the engine and the kind that are asked for', () => {
    expect(refs(wantedOf(shelf, { ...allWanted, provider: 'lmstudio' }))).toEqual(['lmstudio/a', 'lmstudio/c'])
    expect(refs(wantedOf(shelf, { ...allWanted, kind: 'embedding' }))).toEqual(['lmstudio/c'])
  })
})

describe('an engine that does not answer', () => {
  const [ready, silent] = [
    { id: 'ollama', state: 'ready' as const },
    { id: 'lmstudio', state: 'unreachable' as const },
  ]
  const ofOllama = shelf.filter(({ provider }) => provider === 'ollama')

  it('keeps the models it was last known to have, nothing of them in memory', () => {
    const loaded = shelf.map((one) => ({ ...one, loaded: [{ loadedBy: 'us' as const }] }))
    const kept = withLastKnown(ofOllama, [ready, silent], loaded)
    expect(refs(kept)).toEqual(['ollama/b:10b', 'ollama/b:9b', 'lmstudio/a', 'lmstudio/c'])
    expect(kept.slice(2).map((one) => one.loaded)).toEqual([[], []])
  })

  it('and one that answers with nothing keeps nothing', () => {
    expect(refs(withLastKnown(ofOllama, [ready, { id: 'lmstudio', state: 'ready' }], shelf))).toEqual(['ollama/b:10b', 'ollama/b:9b'])
  })
})

it('sizes are added up for each engine, and what has none is counted', () => {
  expect(totalsOf(shelf)).toEqual([
    { provider: 'ollama', total: { count: 2, bytes: 5e9, unknown: 0 } },
    { provider: 'lmstudio', total: { count: 2, bytes: 1e9, unknown: 1 } },
  ])
  expect(totalOf(shelf)).toEqual({ count: 4, bytes: 6e9, unknown: 1 })
})
