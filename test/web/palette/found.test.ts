/** Commands that are meant by what was typed. */
import { describe, expect, it } from 'vitest'
import { found, grouped } from '../../../web/src/palette/found.ts'

const command = (id: string, haystack: string, group = 'use') => ({ id, haystack, group })
const all = [
  command('a', 'use qwen3:8b ollama switch'),
  command('b', 'use gemma-3-4b-it lmstudio switch'),
  command('c', 'open qwen3:8b ollama show rm', 'open'),
  command('d', 'go to models', 'go'),
]
const ids = (typed: string, recent: readonly string[] = []): string =>
  found(all, typed, recent)
    .map(({ id }) => id)
    .join('')

describe('the commands that are meant', () => {
  it('have every word in them, in any order', () => {
    expect(ids('8b use')).toBe('a')
    expect(ids('LMSTUDIO gem')).toBe('b')
    expect(ids('qwen nothing')).toBe('')
  })
  it('come first where a word begins', () => expect(ids('o')).toBe('cabd'))
  it('come first where they were used lately, the last before the others', () => {
    expect(ids('qwen')).toBe('ac')
    expect(ids('qwen', ['c'])).toBe('ca')
    expect(ids('', ['d', 'c'])).toBe('dcab')
  })
  it('take what is typed as it is', () => {
    expect(ids('(')).toBe('')
    expect(ids('qwen3:8b ollama')).toBe('ac')
    expect(ids('.*')).toBe('')
  })
  it('are few of each group before anything is typed, and never very many', () => {
    const many = [
      ...Array.from({ length: 5000 }, (_, index) => command(`m${index}`, `use model-${index}`)),
      command('g', 'go to get', 'go'),
    ]
    expect(found(many, '', []).map(({ id }) => id)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'g'])
    expect(found(many, 'model', [])).toHaveLength(60)
    expect(found(many, 'model-4999', []).map(({ id }) => id)).toEqual(['m4999'])
  })
  it('are grouped where the best of each group is', () =>
    expect(grouped(found(all, 'qwen', ['c'])).map(({ group, commands }) => [group, commands.length])).toEqual([
      ['open', 1],
      ['use', 1],
    ]))
})
