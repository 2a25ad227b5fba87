import { type FinishReason, ModelyardError, type ToolCall } from '../../contract/index.ts'
import { parsedJson } from '../../util/json/parsed-json.ts'
import type { Answering, Fields, NeutralAnswer } from '../dialect.ts'
import { isFields } from '../fields.ts'
import { messageId, showsThinking, stopReason, usageWords } from './answer-words.ts'

/** The message at once. Throws `provider_protocol` for a call whose arguments are no object, which it cannot say. */
export function wholeMessage(answering: Answering, body: Fields, answer: NeutralAnswer): Fields {
  const { text, reasoning, toolCalls, finishReason, usage } = answer
  return {
    id: messageId(answering),
    type: 'message',
    role: 'assistant',
    model: answering.model,
    content: [
      ...(reasoning !== '' && showsThinking(body) ? [{ type: 'thinking', thinking: reasoning, signature: '' }] : []),
      ...(text !== '' ? [{ type: 'text', text }] : []),
      ...toolCalls.map((call) => ({ type: 'tool_use', id: call.id, name: call.name, input: inputOf(call, finishReason) })),
    ],
    stop_reason: stopReason(finishReason, toolCalls.length > 0),
    stop_sequence: null,
    usage: { ...usageWords({ promptTokens: 0 }), ...usageWords(usage) },
  }
}

function inputOf(call: ToolCall, finishReason: FinishReason): Fields {
  const input = parsedJson(call.arguments === '' ? '{}' : call.arguments)
  if (isFields(input)) return input
  // An answer that reached its limit may end inside a call: the reason it gives says so.
  if (finishReason === 'length') return {}
  throw new ModelyardError('provider_protocol', 'The model called a tool with arguments that are no JSON object.')
}
