/** Which listed model are the files that were placed? A wrong answer would be another model's name. */
import { describe, expect, it } from 'vitest'
import { filesOf, listedAs, type StudioFiles } from '../../../src/providers/lmstudio/model-files.ts'
import type { ListedModel } from '../../../src/providers/provider.ts'

const set = (name: string, bytes: number, projectorBytes = 0): StudioFiles => ({
  name,
  repo: name.split('/')[1] ?? '',
  weights: [name],
  bytes,
  projectors: [],
  projectorBytes,
  held: [],
})
const model = (name: string, sizeBytes?: number): ListedModel => ({ name, sizeBytes, kind: 'chat', capabilities: [] })

const four = set('lab/Tiny-GGUF/tiny-Q4_K_M', 40, 5)
const eight = set('lab/Tiny-GGUF/tiny-Q8_0', 80, 5)
const sets = [four, eight, set('else/Other/other', 40), set('nomic/embed-v1-GGUF/embed-v1', 7)]
const named = ({ name }: StudioFiles, models: readonly ListedModel[], before: readonly string[] = []): string | undefined =>
  listedAs({ name, before: new Set(before) }, models, sets)?.name

describe('the model that files are', () => {
  it.each([
    ['by the repository and the size', four, [model('tiny', 40), model('other', 40)], 'tiny'],
    ['with its projector counted in', eight, [model('tiny@q4_k_m', 45), model('tiny@q8_0', 85)], 'tiny@q8_0'],
    ['with its publisher', four, [model('lab/tiny', 40)], 'lab/tiny'],
    ['an embedding model', sets[3], [model('text-embedding-embed-v1', 7)], 'text-embedding-embed-v1'],
    ['the only one of its name without a size', four, [model('tiny'), model('other')], 'tiny'],
    ['the only one of its size under a name that tells nothing', eight, [model('a-title', 80), model('tiny', 40)], 'a-title'],
  ] as const)('is found %s', (_, wanted, models, expected) => expect(wanted && named(wanted, models)).toBe(expected))

  it('is the new one where names alone cannot tell', () => {
    expect(named(eight, [model('tiny@a'), model('tiny@b')], ['tiny@a'])).toBe('tiny@b')
    expect(named(eight, [model('tiny@a'), model('tiny@b')])).toBeUndefined()
  })

  it.each([
    ['another size', [model('tiny', 41)]],
    ['another name that has files of its own', [model('other', 40)]],
    ['two of that size without a name that tells', [model('a', 40), model('b', 40)]],
    ['nothing', []],
  ])('is not %s', (_, models) => expect(named(four, models, ['tiny'])).toBeUndefined())

  it('is not certain enough to be removed when two sets fit', () => {
    expect(filesOf(model('twin', 3), [set('a/twin/x', 3), set('b/twin/y', 3)])).toBeUndefined()
    expect(filesOf(model('a/twin', 3), [set('a/twin/x', 3), set('b/twin/y', 3)])?.name).toBe('a/twin/x')
  })
})
