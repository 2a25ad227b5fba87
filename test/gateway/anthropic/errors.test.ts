import { describe, expect, it } from 'vitest'
import { type ErrorCode, errorCodes, type Model, ModelyardError } from '../../../src/contract/index.ts'
import { anthropicDialect, anthropicModel, anthropicModels } from '../../../src/gateway/anthropic/index.ts'

interface Body {
  type: string
  error: { type: string; message: string; details: { error_code: string } }
}
const bodyOf = (error: ModelyardError): Body => anthropicDialect.error(error).body as Body

describe('an error in the words of Anthropic', () => {
  it.each<[ErrorCode, number, string]>([
    ['invalid_request', 400, 'invalid_request_error'],
    ['unauthorized', 401, 'authentication_error'],
    ['forbidden', 403, 'permission_error'],
    ['model_not_found', 404, 'not_found_error'],
    ['conflict', 409, 'conflict_error'],
    ['model_ambiguous', 409, 'invalid_request_error'],
    ['payload_too_large', 413, 'request_too_large'],
    ['not_a_chat_model', 422, 'invalid_request_error'],
    ['rate_limited', 429, 'rate_limit_error'],
    ['internal', 500, 'api_error'],
    ['provider_error', 502, 'api_error'],
    ['provider_unauthorized', 502, 'api_error'],
    ['queue_timeout', 503, 'overloaded_error'],
    ['provider_busy', 503, 'overloaded_error'],
    ['slot_empty', 503, 'api_error'],
    ['timeout', 504, 'timeout_error'],
  ])('%s is %i %s', (code, status, type) => {
    const error = anthropicDialect.error(new ModelyardError(code))
    expect(error.status).toBe(status)
    expect(error.body).toMatchObject({ type: 'error', error: { type, details: { error_code: code } } })
  })

  it('every code has the status of the table and says what to do', () => {
    for (const code of Object.keys(errorCodes) as ErrorCode[]) {
      const error = new ModelyardError(code, 'What happened.')
      expect(anthropicDialect.error(error).status).toBe(errorCodes[code].status)
      expect(bodyOf(error).error.message).toContain('What happened.')
      expect(bodyOf(error).error.message).toContain(error.hint)
    }
  })

  it('a prompt that is too long has the limit and what to change', () => {
    const details = { promptTokens: 5000, contextLength: 4096 }
    const { message } = bodyOf(new ModelyardError('context_length_exceeded', undefined, { details })).error
    expect(message).toBe(`prompt is too long: 5000 tokens > 4096 maximum. ${errorCodes.context_length_exceeded.hint}`)
    expect(bodyOf(new ModelyardError('context_length_exceeded', 'Too much.')).error.message).toMatch(
      /^prompt is too long: Too much\. Shorten/,
    )
  })

  it('ends a stream as an event', () => {
    const error = new ModelyardError('provider_error', 'It\nbroke.')
    const [, data] = /^event: error\ndata: (.+)\n\n$/.exec(anthropicDialect.streamError(error)) ?? []
    expect(JSON.parse(data ?? '')).toEqual(bodyOf(error))
  })

  it('a comment stays one line', () => {
    expect(anthropicDialect.comment?.('a\r\n\nevent: x')).toBe(': a event: x\n\n')
  })
})

const qwen: Model = {
  ref: 'ollama/qwen3:8b',
  provider: 'ollama',
  name: 'qwen3:8b',
  kind: 'chat',
  displayName: 'Qwen3',
  contextLength: 4096,
  capabilities: [],
  loaded: [],
  pinned: false,
  slots: [],
  modifiedAt: '2026-01-02T03:04:05Z',
}

describe('the list of models', () => {
  it('has all on one page, with the epoch where a time is not known', () => {
    const models = [{ id: 'default' }, { id: 'ollama/qwen3:8b', model: qwen }]
    expect(anthropicModels(models)).toMatchObject({
      data: [
        { type: 'model', id: 'default', display_name: 'default', created_at: '1970-01-01T00:00:00Z', max_input_tokens: null },
        { type: 'model', id: 'ollama/qwen3:8b', display_name: 'Qwen3', created_at: '2026-01-02T03:04:05Z', max_input_tokens: 4096 },
      ],
      has_more: false,
      first_id: 'default',
      last_id: 'ollama/qwen3:8b',
    })
    expect(anthropicModels([])).toEqual({ data: [], has_more: false, first_id: null, last_id: null })
    expect(anthropicModel({ id: 'a' })).toEqual(anthropicModels([{ id: 'a' }]).data[0])
  })
})
