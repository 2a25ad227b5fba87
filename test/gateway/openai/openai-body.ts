import type { ChatContent, ChatMessage, Tool } from '../../../src/contract/index.ts'
import type { NeutralChat } from '../../../src/gateway/dialect.ts'

/** The body with which OpenAI's client says this chat. */
export function openaiBody(chat: NeutralChat): Record<string, unknown> {
  return {
    model: 'm',
    messages: chat.messages.map(messageBody),
    tools: chat.tools?.map((tool) => ({ type: 'function', function: tool })),
    tool_choice: typeof chat.toolChoice === 'object' ? { type: 'function', function: chat.toolChoice } : chat.toolChoice,
    parallel_tool_calls: chat.parallelToolCalls,
    response_format: formatBody(chat.format),
    max_completion_tokens: chat.maxTokens,
    temperature: chat.temperature,
    top_p: chat.topP,
    top_k: chat.topK,
    min_p: chat.minP,
    frequency_penalty: chat.frequencyPenalty,
    presence_penalty: chat.presencePenalty,
    repeat_penalty: chat.repeatPenalty,
    seed: chat.seed,
    stop: chat.stop,
    logprobs: chat.logprobs === undefined ? undefined : true,
    top_logprobs: chat.logprobs,
    reasoning_effort: chat.reasoning === false ? 'none' : chat.reasoning === true ? undefined : chat.reasoning,
    chat_template_kwargs: chat.reasoning === true ? { enable_thinking: true } : undefined,
  }
}

function formatBody(format: NeutralChat['format']): object | undefined {
  if (format?.type === 'json') return { type: 'json_object' }
  if (format === undefined) return undefined
  const { type, ...described } = format
  return { type: `json_${type}`, json_schema: described }
}

function messageBody(message: ChatMessage): object {
  const content = contentBody(message.content)
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.toolCallId, name: message.name, content }
  if (message.role !== 'assistant') return { role: message.role, content }
  return {
    role: 'assistant',
    content: message.content === '' ? null : content,
    reasoning_content: message.reasoning,
    tool_calls: message.toolCalls?.map(({ id, ...called }) => ({ id, type: 'function', function: called })),
  }
}

const contentBody = (content: ChatContent): unknown =>
  typeof content === 'string'
    ? content
    : content.map((part) =>
        part.type === 'text' ? part : { type: 'image_url', image_url: { url: `data:${part.mediaType};base64,${part.data}` } },
      )

export const weather: Tool = { name: 'weather', description: 'Of a place', parameters: { type: 'object' }, strict: true }
