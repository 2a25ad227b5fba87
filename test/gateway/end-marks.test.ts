import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTail, endsWell, marksWithin, usageIn } from '../../src/gateway/end-marks.ts'

/** The tail of a text that came in pieces of these lengths, again and again. */
function tailOf(text: string, lengths: readonly number[]): string {
  const tail = createTail()
  const bytes = Buffer.from(text)
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1
    tail.add(bytes.subarray(at, at + length))
    at += length
  }
  return tail.text()
}

describe('the end of what is handed on', () => {
  it('of /v1/responses is its last event, however long the answer in it, and not a text that says so', () => {
    const event = (type: string, more: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`
    const stream = event('response.created', {}) + event('response.output_text.delta', { delta: '"type":"response.completed"' })
    const whole = stream + event('response.completed', { response: { output: 'x'.repeat(9000) } })
    for (const length of [1, 7, 64, 1000, 20_000]) {
      const [cut, ended] = [stream, whole].map((text) => {
        const tail = createTail(marksWithin('/v1/responses'))
        for (let at = 0; at < text.length; at += length) tail.add(Buffer.from(text.slice(at, at + length)))
        return tail.marked
      })
      expect([length, cut, ended]).toEqual([length, false, true])
    }
  })

  it('is seen though thousands of tokens are named after its mark, however it is cut', () => {
    const context = Array.from({ length: 5000 }, (_, index) => index)
    const end = { model: 'a', response: '', done: true, done_reason: 'stop', context, prompt_eval_count: 3, eval_count: 12 }
    const text = `${JSON.stringify({ model: 'a', response: 'x'.repeat(9000), done: false })}\n${JSON.stringify(end)}\n`
    const lengths = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1000, max: 20_000 })), {
      minLength: 1,
      maxLength: 6,
    })
    fc.assert(
      fc.property(lengths, (cut) => {
        const tail = tailOf(text, cut)
        expect(endsWell('ollama', tail)).toBe(true)
        expect(usageIn(tail)).toEqual({ promptTokens: 3, completionTokens: 12 })
      }),
      { numRuns: 30 },
    )
  })

  it('is not what a longer line said before the last one', () => {
    const before = `{"done":true,"context":[${'1,'.repeat(5000)}1]}\n`
    expect(endsWell('ollama', tailOf(`${before}{"response":"${'x'.repeat(6000)}","done":false}\n`, [977]))).toBe(false)
    expect(endsWell('ollama', tailOf(`${before}${`{"response":"x","done":false}\n`.repeat(200)}`, [30]))).toBe(false)
  })
})
