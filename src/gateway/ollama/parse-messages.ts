import type { ChatMessage, ToolCall } from '../../contract/index.ts'
import type { Fields } from '../dialect.ts'
import { badField, needed, objectField, objectsField, shortText, textField, within, wordField } from '../fields.ts'
import { functionOf, nameOf } from '../function-tools.ts'
import { known } from '../known.ts'
import { limits } from '../ranges.ts'
import { contentWith, imagesOf } from './parse-common.ts'

const roles = ['system', 'user', 'assistant', 'tool'] as const

export function messagesOf(body: Fields): ChatMessage[] {
  const messages = needed(objectsField(body, 'messages', limits.messages), 'messages', 'a list of messages')
  if (messages.length === 0) throw badField('messages', 'Expected at least one message as messages; an empty list came.')
  const open: ToolCall[] = []
  return messages.map((message, index) => messageOf(message, index, open))
}

/** `open` has the calls that no tool has answered: Ollama's older clients give them no ids, so their order pairs them. */
function messageOf(message: Fields, index: number, open: ToolCall[]): ChatMessage {
  const path = within('messages', index)
  const role = needed(wordField(message, 'role', roles, path), within(path, 'role'), roles.map((one) => `"${one}"`).join(' or '))
  const content = contentWith(imagesOf(message, path), textField(message, 'content', path) ?? '')
  if (role === 'tool') return toolMessage(message, content, path, open)
  if (role !== 'assistant') return { role, content }
  const toolCalls = callsOf(message, index)
  open.push(...(toolCalls ?? []))
  return { role, content, ...known({ reasoning: textField(message, 'thinking', path), toolCalls }) }
}

function toolMessage(message: Fields, content: ChatMessage['content'], path: string, open: ToolCall[]): ChatMessage {
  const name = shortText(message, 'tool_name', { max: limits.nameChars }, path)
  const id = shortText(message, 'tool_call_id', { max: limits.nameChars }, path)
  const place = open.findIndex((call) => (id ? call.id === id : !name || call.name === name))
  const [call] = place < 0 ? [] : open.splice(place, 1)
  const toolCallId = id || call?.id
  if (!toolCallId) throw badField(path, `Expected a call before ${path} that this tool's message answers; there is none.`)
  return { role: 'tool', toolCallId, content, ...(name !== undefined && { name }) }
}

function callsOf(message: Fields, index: number): ToolCall[] | undefined {
  const path = within('messages', index)
  const calls = objectsField(message, 'tool_calls', limits.calls, path)
  if (calls === undefined || calls.length === 0) return undefined
  return calls.map((call, place) => {
    const at = within(within(path, 'tool_calls'), place)
    const called = functionOf(call, at)
    const inside = within(at, 'function')
    const id = shortText(call, 'id', { max: limits.nameChars }, at) || `call_${index}_${place}`
    return { id, name: nameOf(called, inside), arguments: JSON.stringify(objectField(called, 'arguments', inside) ?? {}) }
  })
}
