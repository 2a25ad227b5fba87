import { describe, expect, it } from 'vitest'
import { entryOfRepository, findEntry, quantizationInfo, readCatalog } from '../../src/catalog/catalog.ts'

const { entries, quantizations } = readCatalog()

describe('the catalogue', () => {
  it.each([
    'qwen2.5:3b qwen2.5:7b qwen2.5:14b qwen2.5:32b qwen2.5:72b llama3.2:3b llama3.1:8b llama3.1:70b llama3.3:70b mixtral:8x7b',
    'gpt-oss:20b gpt-oss:120b llama4:scout llama4:maverick qwen3:8b qwen3:32b qwen3-coder:30b gemma4:26b gemma4 phi4:14b',
    'command-r:35b firefunction-v2 nomic-embed-text',
  ])('knows %s', (names) => {
    expect(names.split(' ').filter((name) => findEntry(name) === undefined)).toEqual([])
  })

  it('no name means two things, no id is given twice', () => {
    const names = entries.flatMap(({ id, aliases }) => [id, ...aliases])
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    expect(names.filter((name) => name !== name.toLowerCase())).toEqual([])
    const known = quantizations.map(({ name }) => name)
    expect(known.filter((name, index) => known.indexOf(name) !== index)).toEqual([])
  })

  it('is asked in any case, by name or by repository', () => {
    expect(findEntry('QWEN3:8B')?.id).toBe('qwen3-8b')
    expect(entryOfRepository('BARTOWSKI/qwen_qwen3-8b-gguf')?.id).toBe('qwen3-8b')
    expect([findEntry('nothing'), entryOfRepository('no/thing'), findEntry('__proto__')]).toEqual([undefined, undefined, undefined])
  })

  it.each([
    ['Q4_K_M', 'Q4_K_M'],
    ['q4_k_m', 'Q4_K_M'],
    ['UD-Q4_K_XL', 'Q4_K_L'],
    ['Q8_K_XL', undefined],
    ['MXFP4_MOE', 'MXFP4'],
    ['unknown', undefined],
  ])('what %s costs is told as of %s', (name, known) => expect(quantizationInfo(name)?.name).toBe(known))

  it('says sizes and hashes nowhere: they come from the Hub', () => {
    expect(JSON.stringify(entries)).not.toMatch(/bytes|sha256|sizeGb/i)
  })
})
