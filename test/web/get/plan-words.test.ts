/** A plan and its refusals in words. */
import { beforeAll, describe, expect, it } from 'vitest'
import {
  fetchText,
  fileNotes,
  fitWords,
  getLabel,
  helpFor,
  limitOf,
  requestOf,
  safeLink,
  volumeText,
} from '../../../web/src/panels/get/plan-words.ts'
import { type Fit, type JobPlan, ModelyardError } from '../../../web/src/sdk.ts'
import { setLocale } from '../../../web/src/text/numbers.ts'

import { importText } from '../../../web/src/ui/import-text.ts'

const plan = (over: Partial<JobPlan> = {}): JobPlan => ({
  kind: 'ingest',
  source: { repo: 'lab/Tiny-GGUF' },
  quantization: 'Q4_K_M',
  files: [],
  downloadBytes: 2.5e9,
  imports: [],
  volumes: [],
  warnings: [],
  ...over,
})
const pull = plan({
  kind: 'engine-pull',
  source: { name: 'qwen3:8b', from: 'ollama' },
  downloadBytes: 0,
  imports: [{ provider: 'ollama', strategy: 'engine-pull', reason: 'it does' }],
})

beforeAll(() => setLocale('en'))

describe('the button', () => {
  it('says what it will fetch', () => {
    expect(getLabel(plan())).toBe('Get · Q4_K_M · 2.5 GB')
    expect(getLabel(plan({ downloadBytes: 0 }))).toBe('Get · Q4_K_M · nothing to fetch')
    const { quantization: _, ...unnamed } = plan()
    expect(getLabel(unnamed)).toBe('Get · 2.5 GB')
    expect(getLabel(pull)).toBe('Get · qwen3:8b from ollama')
  })
})

describe('the plan', () => {
  it('says what is fetched and by whom', () => {
    expect(fetchText(plan())).toBe('2.5 GB')
    expect(fetchText(plan({ downloadBytes: 0 }))).toBe('nothing: all of it is here')
    expect(fetchText(pull)).toMatch(/^ollama fetches it by itself/)
  })
  it('says what is here already and where', () => {
    expect(fileNotes({ path: 'a.gguf', role: 'weights', from: 'download', already: '/x' })).toEqual({ notes: [] })
    expect(fileNotes({ path: 'a.gguf', role: 'weights', from: 'link', already: '/x' })).toEqual({
      notes: ['here already, linked'],
      path: '/x',
    })
    expect(fileNotes({ path: 'p.gguf', role: 'projector', from: 'download' })).toEqual({ notes: ['projector'] })
  })
  it('says how each engine gets it and what that costs', () => {
    const one = { provider: 'lmstudio', reason: 'why' }
    expect(importText({ ...one, strategy: 'hard-link', extraBytes: 0 })).toBe('by a hard link, no further space')
    expect(importText({ ...one, strategy: 'copy', extraBytes: 2e9, name: 'tiny' })).toBe('by a copy, as tiny, 2 GB more on disk')
    expect(importText({ ...one, strategy: 'registry-copy' })).toBe('by its own pull, with a second copy, its cost on disk is not known')
    expect(importText({ ...one, strategy: 'present', extraBytes: 0 })).toBe('has it already')
  })
  it('says what each disk needs, and what is free where that is known', () => {
    expect(volumeText({ path: '/library', neededBytes: 5e9, freeBytes: 80e9 })).toBe('5 GB of 80 GB free at /library')
    expect(volumeText({ path: '/library', neededBytes: 5e9 })).toBe('5 GB at /library')
  })
  it('asks for what was chosen and leaves out what was not', () => {
    const source = { repo: 'lab/Tiny-GGUF' }
    expect(requestOf(source, {})).toEqual(source)
    expect(requestOf(source, { into: ['ollama'], switch: false }, 5e6)).toEqual({
      ...source,
      into: ['ollama'],
      switch: false,
      bytesPerSecond: 5e6,
    })
    expect(requestOf(source, { into: [], switch: 'default' })).toEqual({ ...source, switch: 'default' })
  })
  it.each([
    ['', undefined],
    [' 5 ', 5e6],
    ['0.5', 5e5],
    ['0,5', 5e5],
    ['0', Number.NaN],
    ['-1', Number.NaN],
    ['5 MB', Number.NaN],
    ['1e9', Number.NaN],
    ['9999999', Number.NaN],
  ])('reads the limit %j as %s', (typed, bytes) => expect(limitOf(typed)).toEqual(bytes))
})

describe('whether it fits', () => {
  const verdictOf = (verdict: Fit['verdict']): Fit => ({ verdict, text: '' })
  it('is said in a word, and what is too large is a warning', () => {
    expect(fitWords(verdictOf('gpu'))).toEqual({ tone: 'good', text: 'on the GPU' })
    expect(fitWords(verdictOf('no'))).toEqual({ tone: 'warn', text: 'too large for now' })
    expect(fitWords(verdictOf('unknown'))).toEqual({ tone: 'muted', text: 'not known' })
    expect(fitWords(undefined)).toEqual({ tone: 'muted', text: 'not reckoned' })
    expect(fitWords(verdictOf('gpu'), false)).toEqual({ tone: 'warn', text: 'some of its files are missing' })
  })
})

describe('a refusal', () => {
  it('leads to the page whose terms are to be accepted', () => {
    const url = 'https://huggingface.co/lab/Locked'
    expect(helpFor(new ModelyardError('gated', undefined, { details: { url } }))).toMatchObject({ gated: true, page: url })
  })
  it('says which disk is too small', () => {
    const volumes = [{ path: '/library', neededBytes: 5e9, freeBytes: 2e9 }, 'nonsense', null, { path: 3 }]
    expect(helpFor(new ModelyardError('disk_full', undefined, { details: { volumes } })).advice).toEqual([
      '5 GB are needed at /library, 2 GB are free.',
      expect.stringMatching(/^Make room/),
    ])
  })
  it('names what may have been meant, as far as that is text', () => {
    const error = new ModelyardError('model_ambiguous', undefined, { details: { candidates: ['a.gguf', 7, 'b.gguf'] } })
    expect(helpFor(error)).toMatchObject({ candidates: ['a.gguf', 'b.gguf'], gated: false })
    expect(helpFor(new ModelyardError('internal', undefined, { details: { candidates: 'x' } })).candidates).toEqual([])
  })
  it.each([
    ['https://huggingface.co/a', true],
    ['http://127.0.0.1:8080/a', true],
    ['http://localhost/a', true],
    ['http://evil.example/a', false],
    ['http://127.0.0.1.evil.example/a', false],
    ['javascript:alert(1)', false],
    ['data:text/html,x', false],
    ['/relative', false],
    [undefined, false],
    [7, false],
  ])('makes a link of %s: %s', (value, yes) => expect(safeLink(value) !== undefined).toBe(yes))
})
