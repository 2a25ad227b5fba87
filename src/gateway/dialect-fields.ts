/** What becomes of every field of every translated route, as data: the documents' table is made from it (`fields-page.ts`). */
import { anthropicCount, anthropicMessages } from './anthropic/index.ts'
import type { FieldFate } from './dialect.ts'
import { ollamaChat, ollamaEmbed, ollamaEmbeddings, ollamaGenerate } from './ollama/index.ts'
import { harmlessValues as ollamaHarmless } from './ollama/request-fields.ts'
import { harmlessValues as openaiHarmless } from './openai/chat-fields.ts'
import { openaiChat, openaiEmbeddings } from './openai/index.ts'

export const dialectFields = {
  '/v1/chat/completions': openaiChat.fields,
  '/v1/embeddings': openaiEmbeddings.fields,
  '/v1/messages': anthropicMessages.fields,
  '/v1/messages/count_tokens': anthropicCount.fields,
  '/api/chat': ollamaChat.fields,
  '/api/generate': ollamaGenerate.fields,
  '/api/embed': ollamaEmbed.fields,
  '/api/embeddings': ollamaEmbeddings.fields,
} as const satisfies Readonly<Record<string, Readonly<Record<string, FieldFate>>>>

/** Values of refused fields that are no refusal, because they ask for what is done anyway. */
export const harmlessFields: Partial<Record<string, Readonly<Record<string, readonly unknown[]>>>> = {
  '/v1/chat/completions': openaiHarmless,
  '/api/chat': ollamaHarmless,
  '/api/generate': ollamaHarmless,
}
