import { describe, expect, it } from 'vitest'
import { pullRequest, shareRequest } from '../../src/cli/job-request.ts'
import { type Given, type Place, parseSource } from '../../src/cli/source.ts'
import { jobRequest, source } from '../../src/contract/index.ts'
import { sourceText } from '../../src/contract/written-source.ts'

const here = new Set(['/place/model.gguf', '/place/folder', '/place/pub/here'])
const place: Place = { exists: (path) => here.has(path), cwd: '/place', home: '/home/me', hosts: ['hub.local:8080'] }
const parse = (text: string, given?: Given) => parseSource(text, place, given)
const repo = 'bartowski/Qwen_Qwen3-8B-GGUF'

describe('a source', () => {
  it.each([
    // Repositories.
    [repo, { repo }],
    [`${repo}:Q4_K_M`, { repo, quantization: 'Q4_K_M' }],
    [`${repo}:latest`, { repo }],
    [`${repo}:Qwen3-8B-IQ3_M.gguf`, { repo, file: 'Qwen3-8B-IQ3_M.gguf' }],
    [`${repo}/Qwen3-8B-Q4_K_M.gguf`, { repo, file: 'Qwen3-8B-Q4_K_M.gguf' }],
    [`${repo}/BF16/Qwen3-8B-BF16-00001-of-00002.gguf`, { repo, file: 'BF16/Qwen3-8B-BF16-00001-of-00002.gguf' }],
    // Addresses of the Hub.
    [`https://huggingface.co/${repo}`, { repo }],
    [`https://huggingface.co/${repo}/`, { repo }],
    [`http://huggingface.co/${repo}`, { repo }],
    [`https://HuggingFace.co/${repo}?library=gguf#model`, { repo }],
    [`https://huggingface.co/${repo}?show_file_info=Qwen3-8B-Q8_0.gguf`, { repo, file: 'Qwen3-8B-Q8_0.gguf' }],
    [`https://huggingface.co/${repo}/tree/main`, { repo }],
    [`https://huggingface.co/${repo}/tree/v1.0`, { repo, revision: 'v1.0' }],
    [`https://huggingface.co/${repo}/tree/refs%2Fpr%2F3`, { repo, revision: 'refs/pr/3' }],
    [`https://huggingface.co/${repo}/tree/main/UD-Q4_K_XL`, { repo, quantization: 'UD-Q4_K_XL' }],
    [`https://huggingface.co/${repo}/commit/0123456789abcdef`, { repo, revision: '0123456789abcdef' }],
    [`https://huggingface.co/${repo}/blob/main/a.gguf`, { repo, file: 'a.gguf' }],
    [`https://huggingface.co/${repo}/blob/main/Q8_0/a%20b.gguf`, { repo, file: 'Q8_0/a b.gguf' }],
    [`https://huggingface.co/${repo}/resolve/abc123/a.gguf?download=true`, { repo, file: 'a.gguf', revision: 'abc123' }],
    [`https://huggingface.co/${repo}/raw/main/a.gguf`, { repo, file: 'a.gguf' }],
    [`https://hf.co/${repo}`, { repo }],
    [`hf.co/${repo}`, { repo }],
    [`hf.co/${repo}:Q8_0`, { repo, quantization: 'Q8_0' }],
    [`HF.co/${repo}:q8_0`, { repo, quantization: 'q8_0' }],
    [`huggingface.co/${repo}/blob/main/a.gguf`, { repo, file: 'a.gguf' }],
    [`http://hub.local:8080/${repo}/tree/main`, { repo }],
    // The catalogue.
    ['qwen3-8b', { catalog: 'qwen3-8b' }],
    ['qwen3:8b', { catalog: 'qwen3:8b' }],
    ['Qwen3-8B', { catalog: 'qwen3-8b' }],
    ['qwen3-8b:Q4_K_M', { catalog: 'qwen3-8b', quantization: 'Q4_K_M' }],
    ['qwen3:8b:q8_0', { catalog: 'qwen3:8b', quantization: 'q8_0' }],
    ['gemma-3:IQ4_XS', { catalog: 'gemma-3', quantization: 'IQ4_XS' }],
    ['llama3.2:1b', { catalog: 'llama3.2:1b' }],
    // What lies on this machine.
    ['./file.gguf', { path: '/place/file.gguf' }],
    ['../file.gguf', { path: '/file.gguf' }],
    ['.', { path: '/place' }],
    ['.hidden.gguf', { path: '/place/.hidden.gguf' }],
    ['/models/x.gguf', { path: '/models/x.gguf' }],
    ['/models/../x.gguf', { path: '/x.gguf' }],
    ['~/models/x.gguf', { path: '/home/me/models/x.gguf' }],
    ['~', { path: '/home/me' }],
    ['model.gguf', { path: '/place/model.gguf' }],
    ['folder', { path: '/place/folder' }],
    ['pub/here', { path: '/place/pub/here' }],
  ])('%s', (text, expected) => {
    expect(parse(text)).toEqual(expected)
    expect(source.parse(parse(text))).toEqual(expected)
  })

  it.runIf(process.platform === 'win32').each(['C:\\models\\x.gguf', 'd:/models/x.gguf'])('with a drive: %s', (text) =>
    expect(parse(text)).toHaveProperty('path'),
  )

  it('with the options that belong to it', () => {
    expect(parse(repo, { quantization: 'Q8_0' })).toEqual({ repo, quantization: 'Q8_0' })
    expect(parse(`${repo}:q8_0`, { quantization: 'Q8_0' })).toEqual({ repo, quantization: 'Q8_0' })
    expect(parse('qwen3:8b', { quantization: 'Q8_0' })).toEqual({ catalog: 'qwen3:8b', quantization: 'Q8_0' })
    expect(parse('qwen3:8b', { from: 'ollama' })).toEqual({ name: 'qwen3:8b', from: 'ollama' })
    expect(parse('library/qwen3:8b-q4_K_M', { from: 'ollama' })).toEqual({ name: 'library/qwen3:8b-q4_K_M', from: 'ollama' })
  })

  it.each<[string, Given?]>([
    [''],
    ['  '],
    ['pub/'],
    ['pub/repo:'],
    ['pub/repo/file.txt'],
    ['pub/repo:Q4/file.gguf'],
    ['pub/repo/../../etc/x.gguf'],
    ['pub/..'],
    ['pub/re po'],
    ['pub/repo:Q4 K'],
    ['pub/con'],
    ['qwen 3'],
    ['qwen3\u001b[31m'],
    ['qwen3@main'],
    ['x'.repeat(100)],
    ['ftp://huggingface.co/pub/repo'],
    ['https://evil.example/pub/repo'],
    ['https://huggingface.co.evil.example/pub/repo'],
    ['https://huggingface.co:8443/pub/repo'],
    ['https://huggingface.co@evil.example/pub/repo'],
    ['https://hub.local/pub/repo'],
    ['https://huggingface.co/'],
    ['https://huggingface.co/pub'],
    ['https://huggingface.co/datasets/pub/repo'],
    ['https://huggingface.co/spaces/pub/repo'],
    ['https://huggingface.co/pub/repo/discussions'],
    ['https://huggingface.co/pub/repo/discussions/3'],
    ['https://huggingface.co/pub/repo/blob/main'],
    ['https://huggingface.co/pub/repo/tree'],
    ['https://huggingface.co/pub/repo/blob/main/..%2f..%2fx.gguf'],
    ['https://huggingface.co/pub/repo/blob/%2e%2e/x.gguf'],
    ['https://huggingface.co/pub/repo/blob/main/%E0%A4%A.gguf'],
    ['https://huggingface.co/pub/repo:Q4?show_file_info=a.gguf'],
    ['file:///etc/passwd'],
    [repo, { quantization: 'Q4 K' }],
    [`${repo}:Q4_K_M`, { quantization: 'Q8_0' }],
    [`${repo}/a.gguf`, { quantization: 'Q8_0' }],
    ['./a.gguf', { quantization: 'Q8_0' }],
    ['qwen3:8b', { from: 'ollama', quantization: 'Q8_0' }],
    ['qwen3:8b', { from: 'Not An Id' }],
    ['../qwen3', { from: 'ollama' }],
  ])('refuses %j %j', (text, given) => {
    expect(() => parse(text, given)).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  })

  it('is told in short', () => {
    for (const text of [repo, `${repo}:Q4_K_M`, `${repo}/a.gguf`, 'qwen3:8b', '/models/x.gguf']) expect(sourceText(parse(text))).toBe(text)
    expect(sourceText({ name: 'qwen3:8b', from: 'ollama' })).toBe('ollama: qwen3:8b')
    expect(sourceText({ ref: 'ollama/qwen3:8b' })).toBe('ollama/qwen3:8b')
  })
})

describe('what is wished', () => {
  const context = (word: string, options: object, env = {}) => ({ words: [word], options, env }) as never
  const pull = (options: object) => jobRequest.parse(pullRequest(context(repo, options)))

  it('is a request that the contract knows', () => {
    expect(pull({})).toEqual({ repo })
    expect(pull({ use: true })).toEqual({ repo, switch: 'default' })
    expect(pull({ use: false })).toEqual({ repo, switch: false })
    expect(pull({ slot: 'code' })).toEqual({ repo, switch: 'code' })
    expect(pull({ use: true, slot: 'code', into: ['ollama', 'lmstudio'], limit: 5e6 })).toEqual({
      repo,
      switch: 'code',
      into: ['ollama', 'lmstudio'],
      bytesPerSecond: 5e6,
    })
    expect(pullRequest(context('qwen3:8b', { from: 'ollama' }))).toEqual({ name: 'qwen3:8b', from: 'ollama' })
    expect(pullRequest(context(`http://mirror.local:1/${repo}`, {}, { HF_ENDPOINT: 'http://mirror.local:1' }))).toEqual({ repo })
    expect(shareRequest(context('ollama/qwen3:8b', { into: ['lmstudio'] }))).toEqual({ ref: 'ollama/qwen3:8b', into: ['lmstudio'] })
  })

  it.each([[{ use: false, slot: 'code' }], [{ slot: 'Bad Name' }], [{ into: ['Bad Id'] }]])('refuses %j', (options) =>
    expect(() => pull(options)).toThrow(expect.objectContaining({ code: 'invalid_request' })),
  )
  it('refuses to share into nothing', () => expect(() => shareRequest(context('a/b', {}))).toThrow('--into'))
})
