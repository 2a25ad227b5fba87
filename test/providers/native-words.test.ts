import { describe, expect, it } from 'vitest'
import { isPlainMessage, takesAsWritten } from '../../src/providers/native-words.ts'

const request = (path: string, body: Record<string, unknown>) => ({
  path,
  load: undefined,
  written: (member: string) => body[member],
  mentions: (text: string) => JSON.stringify(body).includes(text),
})

describe("a chat in OpenAI's words", () => {
  const named = { tool_choice: { type: 'function', function: { name: 'f' } } }
  const anyJson = { response_format: { type: 'json_object' } }
  it.each([
    [{}, true, true],
    [{ tool_choice: 'required', response_format: { type: 'json_schema' } }, true, true],
    [named, false, true],
    [anyJson, true, false],
  ])('%j: without tools by name %s, without JSON of any form %s', (body, withoutNames, withoutJson) => {
    const asked = request('/v1/chat/completions', body)
    expect(takesAsWritten({ namedTool: false, jsonObject: true }, asked)).toBe(withoutNames)
    expect(takesAsWritten({ namedTool: true, jsonObject: false }, asked)).toBe(withoutJson)
    expect(takesAsWritten({ namedTool: true, jsonObject: true }, asked)).toBe(true)
  })
  it('has these words on its own route only', () =>
    expect(takesAsWritten({ namedTool: false, jsonObject: false }, request('/v1/responses', { ...named, ...anyJson }))).toBe(true))
})

describe("a message in Anthropic's words", () => {
  it.each([
    [{ tool_choice: { type: 'auto' }, thinking: { type: 'enabled' } }, true],
    [{ tool_choice: { type: 'any', disable_parallel_tool_use: false }, thinking: { type: 'adaptive' } }, true],
    [{ tool_choice: { type: 'none' } }, false],
    [{ tool_choice: { type: 'tool', name: 'f' } }, false],
    [{ tool_choice: { type: 'auto', disable_parallel_tool_use: true } }, false],
    [{ thinking: { type: 'disabled' } }, false],
    [{ output_config: { effort: 'low' } }, false],
    [{ output_format: { type: 'json_schema', schema: {} } }, false],
    [{ messages: [{ role: 'user', content: [{ type: 'document' }] }] }, false],
    [{ messages: [{ role: 'user', content: [{ type: 'search_result' }] }] }, false],
  ])('%j: plain %s', (body, plain) => expect(isPlainMessage(request('/v1/messages', body))).toBe(plain))
})
