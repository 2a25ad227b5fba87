import type { ChatMessage } from '../../../src/contract/index.ts'
import type { NeutralChat } from '../../../src/gateway/dialect.ts'

/** The body with which Ollama's client says this chat. */
export function ollamaBody(chat: NeutralChat): Record<string, unknown> {
  return {
    model: 'm',
    messages: chat.messages.map(messageBody),
    tools: chat.tools?.map((tool) => ({ type: 'function', function: tool })),
    ...sharedBody(chat),
  }
}

/** What `/api/generate` has too. */
export function sharedBody(chat: Omit<NeutralChat, 'messages'>): Record<string, unknown> {
  const options = {
    num_predict: chat.maxTokens,
    temperature: chat.temperature,
    top_p: chat.topP,
    top_k: chat.topK,
    min_p: chat.minP,
    frequency_penalty: chat.frequencyPenalty,
    presence_penalty: chat.presencePenalty,
    repeat_penalty: chat.repeatPenalty,
    seed: chat.seed,
    stop: chat.stop,
  }
  const format = chat.format?.type === 'schema' ? chat.format.schema : chat.format?.type
  const told = chat.logprobs === undefined ? {} : { logprobs: true, top_logprobs: chat.logprobs }
  return { options, format, think: chat.reasoning, ...told }
}

export function imagesAndText(content: ChatMessage['content']): { content: string; images?: string[] } {
  if (typeof content === 'string') return { content }
  const images = content.flatMap((part) => (part.type === 'image' ? [part.data] : []))
  return { content: content.map((part) => (part.type === 'text' ? part.text : '')).join(''), images }
}

function messageBody(message: ChatMessage): object {
  const said = imagesAndText(message.content)
  if (message.role === 'tool') return { role: 'tool', ...said, tool_name: message.name, tool_call_id: message.toolCallId }
  if (message.role !== 'assistant') return { role: message.role, ...said }
  return {
    role: 'assistant',
    ...said,
    thinking: message.reasoning,
    tool_calls: message.toolCalls?.map(({ id, name, arguments: written }, index) => ({
      id,
      function: { index, name, arguments: JSON.parse(written) as unknown },
    })),
  }
}
