import { describe, expect, it } from 'vitest'
import { type ErrorCode, errorCodes, ModelyardError } from '../../../src/contract/index.ts'
import { openaiDialect } from '../../../src/gateway/openai/index.ts'
import { recorded, shapeOf } from '../answering.ts'

const body = (error: ModelyardError) => openaiDialect.error(error).body as { error: Record<string, unknown> }

describe("an error in OpenAI's words", () => {
  it.each(Object.keys(errorCodes) as ErrorCode[])('%s has the status of our table and the object of theirs', (code) => {
    const { status } = openaiDialect.error(new ModelyardError(code))
    expect(status).toBe(errorCodes[code].status)
    expect(Object.keys(body(new ModelyardError(code)).error)).toEqual(['message', 'type', 'param', 'code'])
  })

  it.each<[ErrorCode, string, string, string | null]>([
    ['invalid_request', 'invalid_request_error', 'invalid_request', null],
    ['unauthorized', 'invalid_request_error', 'invalid_api_key', null],
    ['forbidden', 'permission_error', 'forbidden', null],
    ['model_not_found', 'invalid_request_error', 'model_not_found', 'model'],
    ['context_length_exceeded', 'invalid_request_error', 'context_length_exceeded', 'messages'],
    ['rate_limited', 'rate_limit_error', 'rate_limit_exceeded', null],
    ['slot_empty', 'server_error', 'slot_empty', null],
    ['internal', 'server_error', 'internal', null],
  ])('%s is %s, %s', (code, type, theirs, param) => {
    expect(body(new ModelyardError(code)).error).toMatchObject({ type, code: theirs, param })
  })

  it('says what to do, and which field', () => {
    const error = new ModelyardError('invalid_request', 'Too high.', { hint: 'Lower it.', details: { field: 'top_p' } })
    expect(body(error).error).toMatchObject({ message: 'Too high. Lower it.', param: 'top_p' })
  })

  it('has the shape that engines have', () => {
    const real = recorded('ollama/0.32.15/51-v1-chat-unknown.json').json as { error: object }
    expect(Object.keys(shapeOf(body(new ModelyardError('model_not_found'))) as object)).toEqual(Object.keys(real))
    expect(Object.keys(body(new ModelyardError('model_not_found')).error)).toEqual(Object.keys(real.error))
  })
})
