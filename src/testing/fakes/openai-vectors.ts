import type { FakeModel } from './fake-models.ts'
import { type Replying, sendJson } from './fake-server.ts'
import { textsIn, tokensIn, vectorOf } from './fake-vectors.ts'

/** The answer of `POST /v1/embeddings`; as base64 where that is asked for, which the official client does unasked. */
export function sendOpenAiVectors({ asked, response }: Replying, model: FakeModel, name: string): void {
  const { input, encoding_format: encoding, dimensions } = asked.body ?? {}
  const texts = textsIn(input)
  const length = typeof dimensions === 'number' ? dimensions : undefined
  const tokens = texts.reduce((sum, text) => sum + tokensIn(text), 0)
  sendJson(response, {
    object: 'list',
    data: texts.map((text, index) => {
      const vector = vectorOf(model, text, length)
      return { object: 'embedding', index, embedding: encoding === 'base64' ? inBase64(vector) : vector }
    }),
    model: name,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  })
}

const inBase64 = (vector: readonly number[]): string => Buffer.from(new Float32Array(vector).buffer).toString('base64')
