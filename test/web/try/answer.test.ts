/** How far an answer is, and its figures. */
import { describe, expect, it } from 'vitest'
import { type AnswerView, askedAt, figuresOf, foldPart, hasEnded, type Part, stoppedAt } from '../../../web/src/panels/try/answer.ts'

const start: Part = { type: 'start', model: 'ollama/qwen3:8b', slot: 'default', epoch: 3 }
const thought: Part = { type: 'reasoning', text: 'hm' }
const word: Part = { type: 'delta', text: 'word' }
const end = (completionTokens?: number, finishReason: 'stop' | 'length' = 'stop'): Part => ({
  type: 'end',
  finishReason,
  usage: { ...(completionTokens !== undefined && { completionTokens }) },
})
const answer = (...parts: readonly (readonly [number, Part])[]): AnswerView =>
  parts.reduce((view, [at, part]) => foldPart(view, part, at), askedAt(1000))

describe('an answer as it comes', () => {
  it('waits, thinks, answers and ends', () => {
    const states = [[], [[1100, start]], [[1100, thought]], [[1100, word]], [[1100, end()]]].map(
      (parts) => answer(...(parts as [number, Part][])).state,
    )
    expect(states).toEqual(['waiting', 'waiting', 'thinking', 'answering', 'done'])
  })

  it('knows who answers once that is said', () => {
    expect(answer([1100, start])).toMatchObject({ model: 'ollama/qwen3:8b', epoch: 3 })
  })

  it('is the same object for a token that changes nothing', () => {
    const view = answer([1100, word])
    expect(foldPart(view, word, 1200)).toBe(view)
  })

  it('measures from the question to the first token, and the speed after it', () => {
    expect(figuresOf(answer([1100, start], [1250, word], [2250, end(21)]))).toEqual({
      firstTokenMs: 250,
      tokens: 21,
      tokensPerSecond: 20,
      ms: 1250,
    })
  })

  it('says how long was thought, which ends with the first word', () => {
    const view = answer([1200, thought], [3000, thought], [4400, word], [9000, end(10)])
    expect(figuresOf(view)).toMatchObject({ firstTokenMs: 200, thoughtMs: 3200 })
  })

  it('claims no speed where the engine counted nothing, or for one token', () => {
    expect(figuresOf(answer([1200, word], [1300, end()]))).not.toHaveProperty('tokensPerSecond')
    expect(figuresOf(answer([1200, word], [1300, end(1)]))).not.toHaveProperty('tokensPerSecond')
  })

  it('keeps what was known when it is stopped while it thinks', () => {
    const view = stoppedAt(answer([1200, thought]), 1900)
    expect(hasEnded(view)).toBe(true)
    expect(figuresOf(view)).toEqual({ firstTokenMs: 200, thoughtMs: 700, ms: 900 })
  })

  it('says that a limit ended it', () => {
    expect(answer([1200, end(5, 'length')]).cut).toBe(true)
    expect(answer([1200, end(5)]).cut).toBe(false)
  })
})
