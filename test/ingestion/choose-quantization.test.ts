import { describe, expect, it } from 'vitest'
import { groupFiles } from '../../src/catalog/group-files.ts'
import type { HubFile, HubRepository } from '../../src/contract/index.ts'
import { chooseQuantization } from '../../src/ingestion/choose-quantization.ts'

const hash = 'a'.repeat(64)
const file = (path: string, bytes = 100): HubFile => ({ path, bytes, sha256: hash })

function repository(paths: readonly (string | [string, number])[], more: Partial<HubRepository> = {}): HubRepository {
  const files = paths.map((one) => (typeof one === 'string' ? file(one) : file(...one)))
  return { repo: 'pub/X-GGUF', commit: 'c'.repeat(40), url: 'http://hub/pub/X-GGUF', gated: false, ...groupFiles(files), ...more }
}

const pathsOf = (choice: ReturnType<typeof chooseQuantization>): string[] => choice.chosen.files.map(({ path }) => path)

describe('which files of a repository are meant', () => {
  const both = repository(
    [
      ['x-Q4_K_M.gguf', 100],
      ['x-Q8_0.gguf', 200],
    ],
    { recommended: 'Q8_0', recommendation: 'Q8_0 fits.' },
  )

  it('the quantization, in any case', () => {
    expect(pathsOf(chooseQuantization(both, { quantization: 'q4_k_m' }))).toEqual(['x-Q4_K_M.gguf'])
  })

  it('the file, and with a shard its whole set', () => {
    const shards = repository(['x-Q4_0-00001-of-00002.gguf', 'x-Q4_0-00002-of-00002.gguf', 'x-Q8_0.gguf'])
    const choice = chooseQuantization(shards, { file: 'x-Q4_0-00002-of-00002.gguf' })
    expect(pathsOf(choice)).toEqual(['x-Q4_0-00001-of-00002.gguf', 'x-Q4_0-00002-of-00002.gguf'])
  })

  it('nothing named: the recommended one, and why', () => {
    expect(chooseQuantization(both, {})).toMatchObject({ chosen: { quantization: 'Q8_0' }, why: 'Q8_0 fits.', warnings: [] })
  })

  it('none recommended: the smallest, with what speaks against it', () => {
    const none = { ...both, recommended: undefined, recommendation: 'None fits this machine.' }
    expect(chooseQuantization(none, {})).toMatchObject({ chosen: { quantization: 'Q4_K_M' }, warnings: ['None fits this machine.'] })
  })

  it('refuses what is not there, naming what is', () => {
    expect(() => chooseQuantization(both, { quantization: 'Q2_K' })).toThrow(
      expect.objectContaining({ code: 'repo_not_found', details: { quantizations: ['Q4_K_M', 'Q8_0'] } }),
    )
    expect(() => chooseQuantization(both, { file: 'y.gguf' })).toThrow(expect.objectContaining({ code: 'repo_not_found' }))
    expect(() => chooseQuantization(both, { file: 'x-Q8_0.gguf', quantization: 'Q4_K_M' })).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    )
  })

  it('refuses a set with a hole', () => {
    const hole = repository(['x-Q4_0-00001-of-00003.gguf', 'x-Q4_0-00003-of-00003.gguf'])
    expect(() => chooseQuantization(hole, {})).toThrow(expect.objectContaining({ code: 'shard_missing' }))
  })

  it('asks when a quantization means two models', () => {
    const two = repository(['a-Q4_0.gguf', 'b-Q4_0.gguf'])
    expect(() => chooseQuantization(two, { quantization: 'Q4_0' })).toThrow(
      expect.objectContaining({ code: 'model_ambiguous', details: { candidates: ['a-Q4_0.gguf', 'b-Q4_0.gguf'] } }),
    )
  })

  it('refuses a repository without models, and a projector by itself', () => {
    expect(() => chooseQuantization(repository(['mmproj-F16.gguf']), {})).toThrow(expect.objectContaining({ code: 'not_a_model_file' }))
    const withEyes = repository(['x-Q4_0.gguf', 'mmproj-F16.gguf'])
    expect(() => chooseQuantization(withEyes, { file: 'mmproj-F16.gguf' })).toThrow(expect.objectContaining({ code: 'not_a_model_file' }))
  })

  it('pairs the projector of the nearest folder, then of the nearest bits', () => {
    const eyes = repository(['big/x-Q8_0.gguf', 'mmproj-F16.gguf', 'big/mmproj-F32.gguf', 'big/mmproj-Q8_0.gguf', 'other/mmproj-Q8_0.gguf'])
    expect(chooseQuantization(eyes, {}).projector?.path).toBe('big/mmproj-Q8_0.gguf')
    expect(chooseQuantization(repository(['x-Q4_0.gguf']), {}).projector).toBeUndefined()
  })
})
