/** What LM Studio is asked with a model: answers and vectors, by its routes in OpenAI's dialect. */
import { embedTexts, requestBody, streamChat, type Wire } from '../openai-chat/index.ts'
import type { ChatContext, ChatPart, Embeddings, EmbedRequest, ProviderChatRequest } from '../provider.ts'
import { keepAliveSeconds } from './keep-alive.ts'
import { label, type Studio } from './studio.ts'

/**
 * It refuses a tool by name and `json_object` (lmstudio-bug-tracker#670, #189), and documents no way to switch thinking
 * off on this route, so `reasoning: false` is not sent. It takes `logprobs` and answers without them (lmstudio-ai/lms#60).
 */
export const wire: Wire = {
  label,
  sampling: true,
  repeatPenalty: 'repeat_penalty',
  templateThinking: false,
  thoughtsBack: true,
  namedTool: false,
  jsonObject: false,
  logprobs: 'never',
}

const idOf = (studio: Studio, { model }: { model: string }): string => studio.chosen.get(model) ?? model

/** It may load the model by itself: how long it then stays. */
function staying({ load }: Pick<ProviderChatRequest, 'load'>): { ttl?: number } {
  const ttl = keepAliveSeconds(load?.keepAlive)
  return ttl === undefined ? {} : { ttl }
}

export function chat(studio: Studio, request: ProviderChatRequest, context: ChatContext): AsyncIterable<ChatPart> {
  const body = () => ({ ...requestBody(request, idOf(studio, request), wire), ...staying(request) })
  const nameOf = (answered: string): string => studio.keys.get(answered) ?? answered
  return streamChat({ engine: studio.engine, path: '/v1/chat/completions', body, model: request.model, nameOf }, context)
}

export const embed = (studio: Studio, request: EmbedRequest, context: ChatContext): Promise<Embeddings> =>
  embedTexts({ engine: studio.engine, path: '/v1/embeddings', model: idOf(studio, request), more: staying(request) }, request, context)
