/** What becomes of every field of every translated route, as data: the documents' table is made from it. */
import { anthropicCount, anthropicMessages } from './anthropic/index.ts'
import type { FieldFate } from './dialect.ts'
import { ollamaChat, ollamaEmbed, ollamaEmbeddings, ollamaGenerate } from './ollama/index.ts'
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
