import { ModelyardError } from '../../contract/index.ts'
import type { ChatContext, Embeddings, EmbedRequest } from '../provider.ts'
import { readVectors } from '../read-vectors.ts'
import { askJson, type Engine } from './engine.ts'
import { isFields } from './read-chunk.ts'
import { wholeNumber } from './read-models.ts'

/** 2048 vectors of 8192 numbers. */
export const maxVectorBytes = 384 * 1024 * 1024
/** Until the answer begins, which may take the load of the model. */
export const firstByteMs = 600_000

export interface EmbedCall {
  readonly engine: Engine
  /** Below the base URL, such as `/v1/embeddings`. */
  readonly path: string
  /** As the engine calls it. */
  readonly model: string
  /** What else goes into the body. */
  readonly more?: Readonly<Record<string, unknown>> | undefined
}

/** Vectors by `POST /v1/embeddings`, by the contract of `Provider.embed`. */
export async function embedTexts(call: EmbedCall, request: EmbedRequest, context: ChatContext): Promise<Embeddings> {
  const { engine, path, model, more } = call
  const { input, dimensions } = request
  const body = { model, input, ...(dimensions !== undefined && { dimensions }), ...more }
  const asking = { method: 'POST', path, body, headersTimeoutMs: firstByteMs, maxBytes: maxVectorBytes, retry: true, ...context } as const
  const answer = await askJson(engine, asking, { model: request.model, asked: 'vectors' })
  const { data, usage } = isFields(answer) ? answer : {}
  const vectors = readVectors(inOrder(data, engine.label), { label: engine.label, count: input.length, dimensions })
  return { vectors, promptTokens: isFields(usage) ? wholeNumber(usage.prompt_tokens) : undefined }
}

/** Each at the place that its `index` says, where there is one. */
function inOrder(data: unknown, label: string): unknown[] {
  if (!Array.isArray(data) || !data.every(isFields)) {
    throw new ModelyardError('provider_protocol', `${label}: expected a list of vectors as "data".`)
  }
  const placed: unknown[] = []
  for (const [place, { index, embedding }] of data.entries()) {
    const at = wholeNumber(index) ?? place
    if (at >= data.length || placed[at] !== undefined) throw new ModelyardError('provider_protocol', `${label} gave two vectors one place.`)
    placed[at] = embedding
  }
  return placed
}
