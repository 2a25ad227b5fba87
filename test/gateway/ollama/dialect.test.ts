import { Ollama } from 'ollama'
import { describe, expect, it } from 'vitest'
import { type ErrorCode, errorCodes, ModelyardError } from '../../../src/contract/index.ts'
import { ollamaDialect } from '../../../src/gateway/ollama/index.ts'
import { recorded, shapeOf } from '../answering.ts'

describe("an error in Ollama's words", () => {
  it.each(Object.keys(errorCodes) as ErrorCode[])('%s has the status of our table, and the shape that Ollama has', (code) => {
    const { status, body } = ollamaDialect.error(new ModelyardError(code))
    expect(status).toBe(errorCodes[code].status)
    expect(shapeOf(body)).toEqual(shapeOf(recorded('ollama/0.32.15/32-chat-unknown.json').json))
  })

  it("says what to do, in a message that Ollama's client hands on", async () => {
    const { status, body } = ollamaDialect.error(new ModelyardError('slot_empty', 'Nothing is in default.', { hint: 'Fill it.' }))
    const fetch = async (): Promise<Response> => Response.json(body, { status })
    const asking = new Ollama({ host: 'http://nowhere.invalid', fetch }).chat({ model: 'm' })
    await expect(asking).rejects.toMatchObject({ error: 'Nothing is in default. Fill it.', status_code: 503 })
  })

  it('is one line in a stream', () => {
    const line = ollamaDialect.streamError(new ModelyardError('internal', 'Two\nlines.', { hint: '' }))
    expect(line).toBe('{"error":"Two\\nlines."}\n')
  })

  it('has no word for waiting: its clients parse every line', () =>
    expect([ollamaDialect.keepAlive, ollamaDialect.comment]).toEqual([undefined, undefined]))
})
