import { sendJson } from './fake-server.ts'
import { textsIn, tokensIn, vectorOf } from './fake-vectors.ts'
import type { Answering } from './ollama-answering.ts'
import { inMemory } from './ollama-in-memory.ts'

/** It hands on what llama-server says. */
export const noVectors = 'This server does not support embeddings. Start it with `--embeddings`'

/** `POST /api/embed`. An empty input only loads; a text that is too long is cut off unless that is forbidden. */
export async function embed(answering: Answering): Promise<void> {
  const { asked, response } = answering
  const { model: name, input, truncate, dimensions } = asked.body ?? {}
  const instance = await inMemory(answering)
  if (!instance) return
  const texts = textsIn(input).filter((text) => text !== '' || Array.isArray(input))
  if (texts.length === 0) return sendJson(response, { model: name, embeddings: [] })
  if (instance.model.kind !== 'embedding') return sendJson(response, { error: noVectors }, 501)
  if (truncate === false && texts.some((text) => tokensIn(text) > instance.contextLength)) {
    return sendJson(response, { error: 'the input length exceeds the context length' }, 400)
  }
  const length = typeof dimensions === 'number' ? dimensions : undefined
  sendJson(response, {
    model: name,
    embeddings: texts.map((text) => vectorOf(instance.model, text, length)),
    total_duration: 1,
    load_duration: 1,
    prompt_eval_count: texts.reduce((sum, text) => sum + tokensIn(text), 0),
  })
}
