import { describe, expect, it } from 'vitest'
import { groupFiles } from '../../src/catalog/group-files.ts'
import { quantizationInName } from '../../src/util/gguf/quantization-name.ts'

const files = (...paths: string[]) => paths.map((path) => ({ path, bytes: 1000 }))
const shards = (stem: string, of: number, numbers: readonly number[]) =>
  files(...numbers.map((one) => `${stem}-${String(one).padStart(5, '0')}-of-${String(of).padStart(5, '0')}.gguf`))

describe('the quantization of a name', () => {
  it.each([
    ['Qwen_Qwen3-8B-Q4_K_M', 'Q4_K_M'],
    ['mixtral-8x7b-instruct-v0.1.Q3_K_M', 'Q3_K_M'],
    ['qwen2.5-0.5b-instruct-q4_k_m', 'Q4_K_M'],
    ['Qwen3-30B-A3B-UD-Q4_K_XL', 'UD-Q4_K_XL'],
    ['model-IQ2_XXS', 'IQ2_XXS'],
    ['model-IQ4_NL', 'IQ4_NL'],
    ['model.fp16', 'F16'],
    ['model-BF16', 'BF16'],
    ['gpt-oss-20b-mxfp4', 'MXFP4'],
    ['model-Q4_0_4_8', 'Q4_0_4_8'],
    ['model-TQ1_0', 'TQ1_0'],
    ['a-Q8_0-from-BF16-Q5_K_S', 'Q5_K_S'],
    ['UD-Q2_K_XL/model', 'UD-Q2_K_XL'],
    ['Q4_K_M/model-Q8_0', 'Q8_0'],
    ['Q4ever', undefined],
    ['model', undefined],
  ])('%s is %s', (name, quantization) => expect(quantizationInName(name)).toBe(quantization))
})

describe('files of a repository', () => {
  it('are grouped by quantization, smallest first, and only GGUF', () => {
    const listed = [
      { path: 'm-Q8_0.gguf', bytes: 80 },
      { path: 'm-Q4_K_M.gguf', bytes: 40, sha256: 'a'.repeat(64) },
      { path: 'README.md', bytes: 10 },
      { path: 'model.safetensors', bytes: 160 },
      { path: 'm-Q4_K_M.gguf.part1of2', bytes: 20 },
      { path: 'empty-Q2_K.gguf', bytes: 0 },
    ]
    expect(groupFiles(listed)).toEqual({
      quantizations: [
        { quantization: 'Q4_K_M', bytes: 40, complete: true, files: [{ path: 'm-Q4_K_M.gguf', bytes: 40, sha256: 'a'.repeat(64) }] },
        { quantization: 'Q8_0', bytes: 80, complete: true, files: [{ path: 'm-Q8_0.gguf', bytes: 80 }] },
      ],
      projectors: [],
      drafts: [],
    })
  })

  it('shards are one, in their order', () => {
    const { quantizations } = groupFiles(shards('BF16/m-BF16', 3, [3, 1, 2]))
    expect(quantizations).toMatchObject([{ quantization: 'BF16', bytes: 3000, complete: true }])
    expect(quantizations[0]?.files.map(({ path }) => path)).toEqual([1, 2, 3].map((one) => `BF16/m-BF16-0000${one}-of-00003.gguf`))
  })

  it.each([
    [[2, 3], 'the first'],
    [[1, 3], 'one in the middle'],
    [[1, 2], 'the last'],
    [[0, 1, 2], 'one, and one is too many'],
  ])('shards %j lack %s', (numbers) => {
    expect(groupFiles(shards('m-Q4_0', 3, numbers)).quantizations).toMatchObject([{ complete: false }])
  })

  it('shards of another count are another set', () => {
    const listed = [...shards('m-Q4_0', 2, [1, 2]), ...shards('m-Q4_0', 3, [1])]
    expect(
      groupFiles(listed)
        .quantizations.map(({ complete }) => complete)
        .sort(),
    ).toEqual([false, true])
  })

  it('two models of one quantization stay two', () => {
    expect(groupFiles(files('a-Q4_0.gguf', 'b-Q4_0.gguf')).quantizations.map((one) => one.files.length)).toEqual([1, 1])
  })

  it('projectors, drafts and importance matrices are no models', () => {
    const grouped = groupFiles(
      files(
        'mmproj-F16.gguf',
        'sub/model-mmproj-BF16.gguf',
        'mtp-m-Q8_0.gguf',
        'eagle3-m.gguf',
        'dflash-m.gguf',
        'm-imatrix.gguf',
        'm-Q4_0.gguf',
      ),
    )
    expect(grouped.quantizations).toMatchObject([{ quantization: 'Q4_0' }])
    expect(grouped.projectors.map(({ path }) => path)).toEqual(['mmproj-F16.gguf', 'sub/model-mmproj-BF16.gguf'])
    expect(grouped.drafts.map(({ path }) => path)).toEqual(['dflash-m.gguf', 'eagle3-m.gguf', 'mtp-m-Q8_0.gguf'])
  })

  it.each([
    '../../etc/m-Q4_0.gguf',
    '/etc/m-Q4_0.gguf',
    'a//m-Q4_0.gguf',
    './m-Q4_0.gguf',
    'a\\m-Q4_0.gguf',
    'C:m-Q4_0.gguf',
    'nul/m-Q4_0.gguf',
    'CON.gguf',
    'a\u202egm-Q4_0.gguf',
    'a\u001b[31m-Q4_0.gguf',
    'a\nm-Q4_0.gguf',
    'dir./m-Q4_0.gguf',
    `${'x'.repeat(240)}.gguf`,
    '__proto__/../m-Q4_0.gguf',
  ])('a hostile name is left out: %j', (path) => {
    expect(groupFiles(files(path, 'good-Q4_0.gguf')).quantizations).toMatchObject([{ files: [{ path: 'good-Q4_0.gguf' }] }])
  })

  it('a name of many separators takes no time', () => {
    const started = performance.now()
    groupFiles(files(`${'Q4_0_'.repeat(46)}x.gguf`, `${'-Q4'.repeat(70)}.gguf`))
    expect(performance.now() - started).toBeLessThan(200)
  })
})
