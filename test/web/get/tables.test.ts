/** The catalogue by families, and the table of a repository. */
import { describe, expect, it } from 'vitest'
import { readCatalog } from '../../../src/catalog/catalog.ts'
import { familiesOf, firstOf, offered, parametersOf } from '../../../web/src/panels/get/catalogue.ts'
import { chosenRow, rowsOf, sourceFor } from '../../../web/src/panels/get/quantizations.ts'
import type { Hardware, HubQuantization, HubRepository } from '../../../web/src/sdk.ts'

const catalog = readCatalog()
const small: Hardware = { memory: { total: 16e9, free: 8e9 }, gpus: [], volumes: [] }
const all = { words: '', onlyFitting: false }

describe('the catalogue', () => {
  it('has a size and a verdict for every model', () => {
    const models = offered(catalog, small)
    expect(models).toHaveLength(catalog.entries.length)
    expect(models.filter(({ bytes, fit }) => bytes === undefined || fit === undefined)).toEqual([])
    const verdict = (id: string) => models.find(({ entry }) => entry.id === id)?.fit?.verdict
    expect([verdict('qwen3-0.6b'), verdict('qwen3-8b'), verdict('qwen3-32b')]).toEqual(['memory', 'memory', 'no'])
    expect(models.find(({ entry }) => entry.id === 'qwen3-8b')?.bytes).toBeCloseTo(5.0e9, -8)
  })
  it('claims no fit before the machine is known', () =>
    expect(offered(catalog, undefined).every(({ fit }) => fit === undefined)).toBe(true))
  it('is grouped by family in its own order, found by words, and narrowed to what fits', () => {
    const models = offered(catalog, small)
    const ids = (wanted: typeof all) =>
      familiesOf(models, wanted).map(({ name, models: ofIt }) => [name, ofIt.map(({ entry }) => entry.id)])
    expect(ids(all).flatMap(([, one]) => one)).toEqual(catalog.entries.map(({ id }) => id))
    expect(ids({ ...all, words: 'CODE qwen3' })).toEqual([['qwen3-coder', ['qwen3-coder-30b']]])
    expect(ids({ ...all, words: 'qwen3:8b' })).toEqual([['qwen3', ['qwen3-8b']]])
    const fitting = familiesOf(models, { ...all, onlyFitting: true })
    expect(fitting.some(({ name }) => name === 'llama4')).toBe(false)
    expect(fitting.some(({ name }) => name === 'qwen3')).toBe(true)
    expect(ids({ ...all, words: 'no such thing' })).toEqual([])
  })
  it('begins with the first few, whichever families they are of', () => {
    const families = familiesOf(offered(catalog, small), all)
    expect(firstOf(families, 7).map(({ name, models }) => [name, models.length])).toEqual([
      ['qwen3', 6],
      ['qwen3-coder', 1],
    ])
  })
  it.each([
    ['8.2B', 8.2e9],
    ['135M', 135e6],
    ['26B, 4B active', 26e9],
    ['1.5T', 1.5e12],
    ['many', undefined],
  ])('reads %s', (text, count) => expect(parametersOf(text)).toBe(count))
})

describe('the table of a repository', () => {
  const one = (quantization: string, bytes: number, ...paths: string[]): HubQuantization => ({
    quantization,
    bytes,
    complete: true,
    files: (paths.length > 0 ? paths : [`m-${quantization}.gguf`]).map((path) => ({ path, bytes })),
  })
  const repository = (quantizations: HubQuantization[], recommended?: string) =>
    ({ repo: 'lab/M-GGUF', quantizations, ...(recommended !== undefined && { recommended }) }) as HubRepository

  it('says how fine each is, as its name tells, and which is recommended', () => {
    const rows = rowsOf(repository([one('Q4_K_M', 3), one('UD-Q4_K_XL', 4), one('ODD', 5)], 'Q4_K_M'), catalog)
    expect(rows.map(({ label, info, recommended }) => [label, info?.bitsPerWeight, recommended])).toEqual([
      ['Q4_K_M', 4.89, true],
      ['UD-Q4_K_XL', expect.any(Number), false],
      ['ODD', undefined, false],
    ])
  })
  it('tells two of one quantization apart by their files, and names none that has no name', () => {
    const rows = rowsOf(repository([one('Q4_0', 3, 'a-Q4_0.gguf'), one('Q4_0', 4, 'b-Q4_0.gguf'), one('unknown', 5, 'c.gguf')]), catalog)
    expect(rows.map(({ choice }) => choice)).toEqual([{ file: 'a-Q4_0.gguf' }, { file: 'b-Q4_0.gguf' }, { file: 'c.gguf' }])
    expect(new Set(rows.map(({ key }) => key)).size).toBe(3)
  })
  it('chooses what was named, else what is recommended', () => {
    const rows = rowsOf(
      repository([one('Q4_K_M', 3), one('Q8_0', 9, 'Q8_0/m-00001-of-00002.gguf', 'Q8_0/m-00002-of-00002.gguf')], 'Q4_K_M'),
      catalog,
    )
    const repo = 'lab/M-GGUF'
    const label = (over: object) => chosenRow(rows, { repo, ...over })?.label
    expect([label({}), label({ quantization: 'q8_0' }), label({ file: 'm-00002-of-00002.gguf' }), label({ quantization: 'Q2_K' })]).toEqual(
      ['Q4_K_M', 'Q8_0', 'Q8_0', undefined],
    )
    const [, second] = rows
    expect(second && sourceFor({ repo, revision: 'v1' }, second)).toEqual({ repo, revision: 'v1', quantization: 'Q8_0' })
  })
  it('recommends none whose files are missing', () => {
    const rows = rowsOf(repository([{ ...one('Q4_K_M', 3), complete: false }], 'Q4_K_M'), catalog)
    expect(rows.map(({ recommended }) => recommended)).toEqual([false])
  })
})
