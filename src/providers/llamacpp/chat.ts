/** What llama-server is asked with a model: answers, vectors, the length of a prompt. */
import { ModelyardError } from '../../contract/index.ts'
import {
  askJson,
  embedTexts,
  firstByteMs,
  isFields,
  promptBody,
  requestBody,
  streamChat,
  type Wire,
  wholeNumber,
} from '../openai-chat/index.ts'
import type { ChatContext, ChatPart, Embeddings, EmbedRequest, ProviderChatRequest } from '../provider.ts'
import { label, type Server } from './server.ts'

/** A `tool_choice` that is no text counts as `auto` there, and `logprobs` of a stream with tools is refused (server-common.cpp). */
export const wire: Wire = {
  label,
  sampling: true,
  repeatPenalty: 'repeat_penalty',
  templateThinking: true,
  thoughtsBack: true,
  namedTool: false,
  jsonObject: true,
  logprobs: 'without-tools',
}

const idOf = (server: Server, { model }: { model: string }): string => server.names.idOf(model) ?? model

export function chat(server: Server, request: ProviderChatRequest, context: ChatContext): AsyncIterable<ChatPart> {
  const body = () => requestBody(request, idOf(server, request), wire)
  const nameOf = (answered: string) => server.names.nameOf(answered)
  const { model, logprobs } = request
  return streamChat({ engine: server.engine, path: '/v1/chat/completions', body, model, nameOf, logprobs }, context)
}

export const embed = (server: Server, request: EmbedRequest, context: ChatContext): Promise<Embeddings> =>
  embedTexts({ engine: server.engine, path: '/v1/embeddings', model: idOf(server, request) }, request, context)

/** The same body as a chat's, with images: it is laid out by the template and counted, nothing is generated. */
export async function countTokens(server: Server, request: ProviderChatRequest, context: ChatContext): Promise<number> {
  const body = promptBody(request, idOf(server, request), wire)
  const path = '/v1/chat/completions/input_tokens'
  const asking = { method: 'POST', path, body, headersTimeoutMs: firstByteMs, retry: true, ...context } as const
  const answer = await askJson(server.engine, asking, { model: request.model })
  const tokens = isFields(answer) ? wholeNumber(answer.input_tokens) : undefined
  if (tokens === undefined) throw new ModelyardError('provider_protocol', `${label}: expected a count as "input_tokens".`)
  return tokens
}
