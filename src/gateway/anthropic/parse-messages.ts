/** Anthropic's turns as messages. A turn of the user may hold results of tools, which are messages of their own with us. */
import type { ChatContent, ChatMessage, ToolCall } from '../../contract/index.ts'
import type { Fields } from '../dialect.ts'
import { badField, flagField, needed, objectField, objectsField, textField, within, wordField } from '../fields.ts'
import { nameOf } from '../function-tools.ts'
import { known } from '../known.ts'
import { limits } from '../ranges.ts'
import { blockPath, blocksOf, type ContentPart, contentIn, contentOf, partsOf, textPart } from './parse-content.ts'

/** The name of a tool by the id of its call: a result tells the id only. */
type CalledTools = Map<string, string>

const roles = ['user', 'assistant', 'system'] as const

export function messagesOf(body: Fields): ChatMessage[] {
  const called: CalledTools = new Map()
  const turns = needed(objectsField(body, 'messages', limits.messages), 'messages', 'a list of messages')
  if (turns.length === 0) throw badField('messages', 'Expected one message at least as messages; an empty list came.')
  return [...systemOf(body), ...turns.flatMap((turn, index) => turnMessages(turn, within('messages', index), called))]
}

function systemOf(body: Fields): ChatMessage[] {
  const blocks = blocksOf(body, '', 'system')
  if (blocks === undefined || blocks.length === 0) return []
  return [{ role: 'system', content: typeof blocks === 'string' ? blocks : systemContent(blocks, 'system') }]
}

const systemContent = (blocks: readonly Fields[], path: string): ChatContent =>
  contentOf(blocks.map((block, index) => textPart(block, within(path, index))))

function turnMessages(turn: Fields, path: string, called: CalledTools): ChatMessage[] {
  const role = needed(wordField(turn, 'role', roles, path), within(path, 'role'), '"user" or "assistant"')
  const blocks = saidIn(turn, path, role)
  if (typeof blocks === 'string') return [{ role, content: blocks }]
  if (role === 'system') return [{ role, content: systemContent(blocks, within(path, 'content')) }]
  return role === 'user' ? userMessages(blocks, path, called) : [assistantMessage(blocks, path, called)]
}

/** Only a turn of the assistant may have no blocks. */
function saidIn(turn: Fields, path: string, role: (typeof roles)[number]): string | readonly Fields[] {
  const blocks = needed(blocksOf(turn, path), within(path, 'content'), 'a text or blocks')
  if (typeof blocks === 'string' || blocks.length > 0 || role === 'assistant') return blocks
  throw badField(within(path, 'content'), `Expected one block at least as ${within(path, 'content')}; an empty list came.`)
}

/** Results first, then what the user says, as every engine's own form has them: they answer the calls right before. */
function userMessages(blocks: readonly Fields[], path: string, called: CalledTools): ChatMessage[] {
  const results: ChatMessage[] = []
  const parts: ContentPart[] = []
  for (const [index, block] of blocks.entries()) {
    const at = blockPath(path, index)
    if (block.type === 'tool_result') results.push(toolResult(block, at, called))
    else parts.push(...partsOf(block, at))
  }
  return parts.length === 0 ? results : [...results, { role: 'user', content: contentOf(parts) }]
}

function assistantMessage(blocks: readonly Fields[], path: string, called: CalledTools): ChatMessage {
  const parts: ContentPart[] = []
  const thoughts: string[] = []
  const toolCalls: ToolCall[] = []
  for (const [index, block] of blocks.entries()) {
    const at = blockPath(path, index)
    if (block.type === 'thinking') thoughts.push(needed(textField(block, 'thinking', at), within(at, 'thinking'), 'text'))
    else if (block.type === 'tool_use') toolCalls.push(toolUse(block, at, called))
    // Only Anthropic can read what is redacted.
    else if (block.type !== 'redacted_thinking') parts.push(...partsOf(block, at))
  }
  const reasoning = thoughts.filter((thought) => thought !== '').join('\n\n') || undefined
  return { role: 'assistant', content: contentOf(parts), ...known({ reasoning, toolCalls: toolCalls.length > 0 ? toolCalls : undefined }) }
}

function toolUse(block: Fields, path: string, called: CalledTools): ToolCall {
  const [id, name] = [nameOf(block, path, 'id'), nameOf(block, path)]
  const input = needed(objectField(block, 'input', path), within(path, 'input'), 'an object')
  called.set(id, name)
  return { id, name, arguments: jsonText(input, within(path, 'input')) }
}

function toolResult(block: Fields, path: string, called: CalledTools): ChatMessage {
  const toolCallId = nameOf(block, path, 'tool_use_id')
  const name = called.get(toolCallId)
  const failed = flagField(block, 'is_error', path) === true || undefined
  return { role: 'tool', toolCallId, content: contentIn(block, path), ...known({ name, failed }) }
}

/** `JSON.stringify` ends the stack at some thousand levels. */
function jsonText(value: Fields, field: string): string {
  try {
    return JSON.stringify(value)
  } catch {
    throw badField(field, `Expected fewer objects inside one another as ${field}.`)
  }
}
