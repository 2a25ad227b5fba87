import type { ChatContent, ChatMessage, ToolCall } from '../../contract/index.ts'
import type { Wire } from './wire.ts'

type Fields = Record<string, unknown>

/** The dialect has no place for a tool that failed: its words tell. */
export function wireMessage(message: ChatMessage, wire: Pick<Wire, 'thoughtsBack'>): Fields {
  const content = wireContent(message.content)
  if (message.role === 'tool') {
    return { role: 'tool', tool_call_id: message.toolCallId, ...(message.name !== undefined && { name: message.name }), content }
  }
  if (message.role !== 'assistant') return { role: message.role, content }
  const { reasoning, toolCalls } = message
  return {
    role: 'assistant',
    content,
    ...(wire.thoughtsBack && reasoning !== undefined && reasoning !== '' && { reasoning_content: reasoning }),
    ...(toolCalls && { tool_calls: toolCalls.map(wireCall) }),
  }
}

const wireCall = ({ id, name, arguments: written }: ToolCall): Fields => ({
  id,
  type: 'function',
  function: { name, arguments: written },
})

function wireContent(content: ChatContent): string | Fields[] {
  if (typeof content === 'string') return content
  return content.map((part) =>
    part.type === 'text'
      ? { type: 'text', text: part.text }
      : { type: 'image_url', image_url: { url: `data:${part.mediaType};base64,${part.data}` } },
  )
}
