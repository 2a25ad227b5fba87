import type { ChatMessage } from '../../contract/index.ts'
import type { ProviderChatRequest } from '../provider.ts'

type WirePart = { type: 'text'; text: string } | { type: 'image_url'; image_url: { url: string } }

/** The body of `POST /v1/chat/completions`, streamed and with usage. Only what was asked for is in it. */
export function requestBody(request: ProviderChatRequest, model: string): Record<string, unknown> {
  return {
    model,
    messages: request.messages.map(wireMessage),
    stream: true,
    stream_options: { include_usage: true },
    ...(request.maxTokens !== undefined && { max_tokens: request.maxTokens }),
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.topP !== undefined && { top_p: request.topP }),
    ...(request.seed !== undefined && { seed: request.seed }),
    ...(request.stop !== undefined && request.stop.length > 0 && { stop: request.stop }),
  }
}

/**
 * What llama.cpp, vLLM and SGLang read to keep a reasoning model from thinking first; a template without the variable
 * ignores it.
 */
export function withoutThinking(request: ProviderChatRequest): Record<string, unknown> {
  return request.reasoning === false ? { chat_template_kwargs: { enable_thinking: false } } : {}
}

function wireMessage({ role, content }: ChatMessage): { role: string; content: string | WirePart[] } {
  if (typeof content === 'string') return { role, content }
  return {
    role,
    content: content.map((part) =>
      part.type === 'text'
        ? { type: 'text', text: part.text }
        : { type: 'image_url', image_url: { url: `data:${part.mediaType};base64,${part.data}` } },
    ),
  }
}
