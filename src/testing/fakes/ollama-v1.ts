/** The routes of the fake Ollama in OpenAI's dialect. */
import { sendAnthropicAnswer } from './anthropic-answer.ts'
import { sendJson } from './fake-server.ts'
import type { Answering } from './ollama-answering.ts'
import { noVectors } from './ollama-embed.ts'
import { inMemory } from './ollama-in-memory.ts'
import { withTag } from './ollama-listing.ts'
import { sendOpenAiAnswer } from './openai-answer.ts'
import { sendOpenAiResponse } from './openai-responses.ts'
import { sendOpenAiVectors } from './openai-vectors.ts'

export function v1Models({ shelf, response }: Answering): void {
  const data = shelf.models.map((model) => ({ id: withTag(model.name), object: 'model', created: 1_795_394_859, owned_by: 'library' }))
  sendJson(response, { object: 'list', data: data.length === 0 ? null : data }, 200, 'application/json')
}

const failure = (message: string, type: string) => ({ error: { message, type, param: null, code: null } })

const notFound = ({ asked, response }: Answering): void =>
  sendJson(response, failure(`model '${String(asked.body?.model)}' not found`, 'not_found_error'), 404, 'application/json')

export async function v1Embeddings(answering: Answering): Promise<void> {
  const { shelf, asked, response } = answering
  const model = shelf.find(asked.body?.model)
  if (!model) return notFound(answering)
  if (!(await inMemory(answering))) return
  if (model.kind !== 'embedding') return sendJson(response, failure(noVectors, 'api_error'), 501, 'application/json')
  sendOpenAiVectors(answering, model, String(asked.body?.model))
}

export async function v1Chat(answering: Answering): Promise<void> {
  const { shelf, asked } = answering
  const model = shelf.find(asked.body?.model)
  if (!model) return notFound(answering)
  const instance = await inMemory(answering)
  if (instance)
    await sendOpenAiAnswer({
      ...answering,
      model,
      name: String(asked.body?.model),
      fingerprint: 'fp_ollama',
      wholeCalls: true,
      reasoningField: 'reasoning',
      tokensPerSecond: answering.options.tokensPerSecond,
    })
}

export async function v1Responses(answering: Answering): Promise<void> {
  const { shelf, asked, options } = answering
  const model = shelf.find(asked.body?.model)
  if (!model) return notFound(answering)
  if (await inMemory(answering)) {
    await sendOpenAiResponse({ ...answering, model, name: String(asked.body?.model), tokensPerSecond: options.tokensPerSecond })
  }
}

export async function v1Messages(answering: Answering): Promise<void> {
  const { shelf, asked, response, options } = answering
  const model = shelf.find(asked.body?.model)
  if (!model) {
    const error = { type: 'not_found_error', message: `model '${String(asked.body?.model)}' not found` }
    return sendJson(response, { type: 'error', error }, 404, 'application/json')
  }
  if (await inMemory(answering)) {
    await sendAnthropicAnswer({ ...answering, model, name: String(asked.body?.model), tokensPerSecond: options.tokensPerSecond })
  }
}
