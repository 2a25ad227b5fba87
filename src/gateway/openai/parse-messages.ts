import type { ChatMessage, ToolCall } from '../../contract/index.ts'
import type { Fields } from '../dialect.ts'
import { asksForNothing, badField, needed, objectsField, shortText, textField, unsupportedField, within, wordField } from '../fields.ts'
import { functionOf, nameOf } from '../function-tools.ts'
import { known } from '../known.ts'
import { limits } from '../ranges.ts'
import { contentOf } from './parse-content.ts'

const roles = ['system', 'developer', 'user', 'assistant', 'tool'] as const

export function messagesOf(body: Fields): ChatMessage[] {
  const messages = needed(objectsField(body, 'messages', limits.messages), 'messages', 'a list of messages')
  if (messages.length === 0) throw badField('messages', 'Expected at least one message as messages; an empty list came.')
  return messages.map((message, index) => messageOf(message, within('messages', index)))
}

function messageOf(message: Fields, path: string): ChatMessage {
  const role = needed(wordField(message, 'role', roles, path), within(path, 'role'), roles.map((one) => `"${one}"`).join(' or '))
  const content = contentOf(message, path)
  if (role === 'assistant') return assistantMessage(message, content, path)
  const said = needed(content, within(path, 'content'), 'text or a list of parts')
  if (role !== 'tool') return { role: role === 'user' ? 'user' : 'system', content: said }
  const name = shortText(message, 'name', { max: limits.nameChars }, path)
  return { role, toolCallId: nameOf(message, path, 'tool_call_id'), ...(name !== undefined && { name }), content: said }
}

function assistantMessage(message: Fields, content: ChatMessage['content'] | undefined, path: string): ChatMessage {
  for (const key of ['audio', 'function_call']) if (!asksForNothing(message[key])) throw unsupportedField(within(path, key))
  // llama.cpp and LM Studio say reasoning_content; Ollama and vLLM say reasoning.
  const reasoning = textField(message, 'reasoning_content', path) ?? textField(message, 'reasoning', path)
  return {
    role: 'assistant',
    content: content ?? textField(message, 'refusal', path) ?? '',
    ...known({ reasoning, toolCalls: callsOf(message, path) }),
  }
}

function callsOf(message: Fields, path: string): ToolCall[] | undefined {
  const calls = objectsField(message, 'tool_calls', limits.calls, path)
  if (calls === undefined || calls.length === 0) return undefined
  return calls.map((call, index) => {
    const at = within(within(path, 'tool_calls'), index)
    const called = functionOf(call, at)
    const inside = within(at, 'function')
    const written = needed(textField(called, 'arguments', inside), within(inside, 'arguments'), 'JSON of an object, as text')
    return { id: nameOf(call, at, 'id'), name: nameOf(called, inside), arguments: written === '' ? '{}' : written }
  })
}
