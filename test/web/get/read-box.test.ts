/** What typing into the one box means. */
import { describe, expect, it } from 'vitest'
import { type Around, readBox } from '../../../web/src/panels/get/read-box.ts'
import { restOf, targetOf } from '../../../web/src/panels/get/target.ts'
import type { Catalog, ProviderInfo } from '../../../web/src/sdk.ts'

const repo = 'bartowski/Qwen_Qwen3-8B-GGUF'
const catalog = {
  quantizations: [],
  entries: [{ id: 'qwen3-8b', aliases: ['qwen3:8b'], name: 'Qwen3 8B', repositories: [repo, 'other/Qwen3-8B-GGUF'] }],
} as unknown as Catalog
const engine = (id: string, pull: boolean, state = 'ready') => ({ id, state, capabilities: { pull } }) as unknown as ProviderInfo
const around: Around = {
  catalog,
  providers: [engine('ollama', true), engine('lmstudio', false), engine('second', true, 'stopped')],
  hosts: ['hub.local:8080'],
}
const read = (text: string) => readBox(text, around)
const fromOllama = (name: string) => [{ name, from: 'ollama' }]

describe('the box', () => {
  it.each([
    ['words', 'small coder', { words: 'small coder', names: [] }],
    ['one word, which an engine may know', ' mistral ', { words: 'mistral', names: fromOllama('mistral') }],
    ['nothing', '   ', { words: '', names: [] }],
    ['words with a slash', 'chat / code', { words: 'chat / code', names: [] }],
    ['half a repository', 'bartowski/', { words: 'bartowski/', names: fromOllama('bartowski/') }],
  ])('searches for %s', (_, text, expected) => expect(read(text)).toEqual(expected))

  it.each([
    ['a repository', repo, { repo }, repo],
    ['a repository and a quantization', `${repo}:Q4_K_M`, { repo, quantization: 'Q4_K_M' }, `${repo}:Q4_K_M`],
    ['an address of the Hub', `https://huggingface.co/${repo}/tree/v1`, { repo, revision: 'v1' }, repo],
    ['a short address', `hf.co/${repo}:q8_0`, { repo, quantization: 'q8_0' }, `${repo}:q8_0`],
    ['an address of the Hub that the service asks', `http://hub.local:8080/${repo}`, { repo }, repo],
    ['a file', `https://huggingface.co/${repo}/blob/main/a.gguf`, { repo, file: 'a.gguf' }, `${repo}/a.gguf`],
    ['a name of the catalogue', 'Qwen3:8B', { repo }, 'Qwen3 8B'],
    ['a name of the catalogue and a quantization', 'qwen3-8b:Q8_0', { repo, quantization: 'Q8_0' }, 'Qwen3 8B Q8_0'],
    ['a path', '/models/x.gguf', { path: '/models/x.gguf' }, '/models/x.gguf'],
    ['a path of Windows', 'D:\\models\\x.gguf', { path: 'D:\\models\\x.gguf' }, 'D:\\models\\x.gguf'],
  ])('leads straight to %s', (_, text, target, shown) => expect(read(text)).toMatchObject({ target, shown }))

  it('offers a name to the engines that fetch and are ready, also where it leads elsewhere too', () => {
    expect(read('qwen3:8b').names).toEqual(fromOllama('qwen3:8b'))
    expect(read('someone/model:tag').names).toEqual(fromOllama('someone/model:tag'))
    expect(read(`hf.co/${repo}:Q4_K_M`).names).toEqual(fromOllama(`hf.co/${repo}:Q4_K_M`))
    expect(read(`https://huggingface.co/${repo}`).names).toEqual([])
    expect(readBox('qwen3:8b', { ...around, providers: [] }).names).toEqual([])
  })

  it.each([
    'https://evil.example/pub/repo',
    'javascript://alert(1)',
    './x.gguf',
    '~/x.gguf',
    'https://huggingface.co/datasets/a/b',
    'x'.repeat(2000),
  ])('refuses %s in words, and searches nothing', (text) => {
    const { refusal, words, target } = read(text)
    expect(refusal?.message).toMatch(/./)
    expect(words).toBe('')
    expect(target).toBeUndefined()
  })
})

describe('the address of a target', () => {
  it.each([
    { repo },
    { repo, quantization: 'Q4_K_M' },
    { repo, file: 'BF16/a b.gguf' },
    { repo, revision: 'refs/pr/3' },
    { repo, revision: 'v1', quantization: 'Q8_0' },
    { from: 'ollama', name: 'library/qwen3:8b' },
    { path: '/models/a b.gguf' },
  ])('names %j', (target) => expect(targetOf(restOf(target))).toEqual(target))

  it('names none', () => {
    for (const rest of [[], ['pub'], ['~', 'ollama'], ['~'], ['~path']]) expect(targetOf(rest)).toBeUndefined()
  })
})
