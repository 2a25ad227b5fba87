import type { ChatDialect, Fields, NeutralChat } from '../dialect.ts'
import { parseChat, parseRequest } from './parse-request.ts'
import { messageFields } from './request-fields.ts'
import { messageWriter } from './stream-message.ts'
import { wholeMessage } from './whole-message.ts'

/** `POST /v1/messages` */
export const anthropicMessages: ChatDialect = {
  fields: messageFields,
  parse: parseRequest,
  writer: messageWriter,
  whole: wholeMessage,
}

/** `POST /v1/messages/count_tokens`: the same body; what only an answer needs may be absent. */
export const anthropicCount = {
  fields: messageFields,
  parse: (body: Fields): NeutralChat => parseChat(body),
  whole: (tokens: number): { input_tokens: number } => ({ input_tokens: tokens }),
} as const
