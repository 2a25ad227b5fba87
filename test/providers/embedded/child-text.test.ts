/** Tokens are single bytes here, so that characters and marks come in every possible cut. */
import { describe, expect, it } from 'vitest'
import { type Mark, type Marks, marksOf } from '../../../src/providers/embedded/child-marks.ts'
import { createTextCutter } from '../../../src/providers/embedded/child-text.ts'
import type { ChatWrapper, ContextState, LlamaModel, LlamaText, Token } from '../../../src/providers/embedded/llama-types.ts'

const model = { detokenize: (tokens: readonly Token[]) => Buffer.from(tokens.map(Number)).toString('utf8') }

function cut(text: string, list: readonly Mark[], thinking = false): string {
  const marks: Marks = { list, thinking, opening: undefined, control: false }
  const cutter = createTextCutter({ model, before: [], marks })
  const pieces = [...Buffer.from(text)].flatMap((byte) => (cutter.stopped ? [] : cutter.push(byte as Token)))
  return [...pieces, ...cutter.end()].map((piece) => (piece.thought ? `(${piece.text})` : piece.text)).join('')
}

const think: Mark[] = [
  { text: '<think>', begins: 'thought' },
  { text: '</think>', begins: 'answer' },
]

describe('from tokens to text', () => {
  it.each([
    ['whole characters only', 'héé €uro 🦙!', [], 'héé €uro 🦙!'],
    ['nothing after a stop word', 'one two three', [{ text: ' tw', begins: 'end' }], 'one'],
    ['what only begins like a stop word is given out', 'one twice', [{ text: ' two', begins: 'end' }], 'one twice'],
    [
      'of two marks at one place the longer',
      'a<end>b',
      [
        { text: '<e', begins: 'same' },
        { text: '<end>', begins: 'end' },
      ],
      'a',
    ],
  ] as const)('%s', (_, text, marks, expected) => expect(cut(text, marks)).toBe(expected))

  it('tells thoughts from the answer, and leaves the blanks around marks out', () => {
    const plain = (text: string): string => text.replaceAll(')(', '')
    expect(plain(cut('<think>\nhm</think>\n\nyes', think))).toBe('(hm)yes')
    expect(plain(cut('hm</think>yes', think, true))).toBe('(hm)yes')
  })

  it('gives out what never becomes a character', () => {
    const cutter = createTextCutter({ model, before: [], marks: { list: [], thinking: false, opening: undefined, control: false } })
    const pieces = [0xff, 0xff, 0xff, 0xff, 0x61].flatMap((byte) => cutter.push(byte as Token))
    expect(pieces.map(({ text }) => text).join('')).toBe('\uFFFD\uFFFD\uFFFD\uFFFDa')
  })
})

describe('the marks of a model', () => {
  const text = (value: string): LlamaText => ({ values: [value], mapValues: () => text(value), tokenize: () => [], toString: () => value })
  const state: ContextState = { contextText: text('prompt'), stopGenerationTriggers: [text('<|end|>')] }
  const none = { stops: [], calls: [], goesOn: false }
  const plain = { tokenize: () => [1 as Token], detokenize: () => '<think></think>' } as unknown as LlamaModel
  const wrapper = (segments: ChatWrapper['settings']['segments']): ChatWrapper => ({
    settings: segments ? { segments } : {},
    generateContextState: () => state,
  })

  it('are its own and the stop words of the request, exactly', () => {
    const { list, thinking } = marksOf({ model: plain, wrapper: wrapper({ thought: { prefix: '<think>', suffix: '</think>' } }) }, state, {
      ...none,
      stops: ['\nUser:'],
    })
    expect(list).toEqual([...think, { text: '<|end|>', begins: 'end' }, { text: '\nUser:', begins: 'end' }])
    expect(thinking).toBe(false)
  })

  it('a thought that the prompt has opened is one from the start', () => {
    const opened = wrapper({ thought: { prefix: { type: 'openedOnStart' }, suffix: '</think>' } })
    expect(marksOf({ model: plain, wrapper: opened }, state, none)).toMatchObject({ thinking: true, opening: undefined })
  })

  it('are looked for in control tokens where the model has them as such', () => {
    const silent = { tokenize: () => [1 as Token], detokenize: () => '' } as unknown as LlamaModel
    expect(marksOf({ model: silent, wrapper: wrapper({ thought: { prefix: '<think>' } }) }, state, none).control).toBe(true)
    expect(marksOf({ model: plain, wrapper: wrapper({ thought: { prefix: '<think>' } }) }, state, none).control).toBe(false)
  })
})
