import { askJson, firstByteMs, maxVectorBytes } from '../openai-chat/index.ts'
import type { ChatContext, Embeddings, EmbedRequest } from '../provider.ts'
import { readVectors } from '../read-vectors.ts'
import { label, type Ollama } from './ollama.ts'
import { count, fields, loadFields } from './wire.ts'

/** Vectors by `/api/embed`: with the options of the load, else it loads the model anew; without `truncate` it cuts long texts off. */
export async function embedTexts(ollama: Ollama, request: EmbedRequest, context: ChatContext): Promise<Embeddings> {
  const { model, input, load, dimensions } = request
  const body = { model, input, truncate: false, ...(dimensions !== undefined && { dimensions }), ...loadFields(load) }
  const asking = { method: 'POST', path: '/api/embed', body, headersTimeoutMs: firstByteMs, maxBytes: maxVectorBytes, retry: true } as const
  const answer = await askJson(ollama.engine, { ...asking, ...context }, { model, notFound: 'model', asked: 'vectors' })
  const { embeddings, prompt_eval_count: promptTokens } = fields(answer)
  return { vectors: readVectors(embeddings, { label, count: input.length, dimensions }), promptTokens: count(promptTokens) }
}
