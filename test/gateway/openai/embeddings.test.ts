import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { openaiEmbeddings } from '../../../src/gateway/openai/index.ts'
import { answering } from '../answering.ts'
import { bodyWith, refusedField } from '../asking.ts'

const vectors = [
  [0.5, -1.25, 0],
  [1, 2, 3],
]
const whole = (body: object) => openaiEmbeddings.whole(answering(), body as never, { vectors, promptTokens: 7 })

describe('embeddings', () => {
  it('take a text or texts, and another length', () => {
    expect(openaiEmbeddings.parse({ input: 'a' })).toEqual({ input: ['a'] })
    expect(openaiEmbeddings.parse({ input: ['a', 'b'], dimensions: 3, user: 'u' })).toEqual({ input: ['a', 'b'], dimensions: 3 })
  })

  it.each<[string, object]>([
    ['input', {}],
    ['input', { input: [] }],
    ['input', { input: '' }],
    ['input', { input: { text: 'a' } }],
    ['input', { input: new Array(2049).fill('a') }],
    ['input[0]', { input: [1, 2, 3] }],
    ['input[0]', { input: [[1, 2]] }],
    ['input[1]', { input: ['a', ''] }],
    ['dimensions', { input: 'a', dimensions: 0 }],
    ['encoding_format', { input: 'a', encoding_format: 'int8' }],
  ])('%s is named where it cannot be: %j', (field, body) => {
    expect(refusedField(() => openaiEmbeddings.parse(body as never))).toBe(field)
  })

  it.each(Object.entries(openaiEmbeddings.fields).filter(([, fate]) => fate === 'refused'))('%s is refused', (name) => {
    expect(refusedField(() => openaiEmbeddings.parse(bodyWith({ input: 'a' }, name, 'x')))).toBe(name)
  })

  it('are numbers, with what they cost', () => {
    expect(whole({})).toEqual({
      object: 'list',
      data: [
        { object: 'embedding', index: 0, embedding: vectors[0] },
        { object: 'embedding', index: 1, embedding: vectors[1] },
      ],
      model: 'tiny "a"',
      usage: { prompt_tokens: 7, total_tokens: 7 },
    })
  })

  it("are base64 when asked for it, which OpenAI's client does by itself", async () => {
    const asked: Record<string, unknown>[] = []
    const fetch = async (_: unknown, init?: { body?: unknown }): Promise<Response> => {
      asked.push(JSON.parse(String(init?.body)) as Record<string, unknown>)
      return Response.json(whole(asked[0] ?? {}))
    }
    const client = new OpenAI({ apiKey: 'none', baseURL: 'http://nowhere.invalid/v1', fetch: fetch as never })
    const answer = await client.embeddings.create({ model: 'm', input: ['a', 'b'] })
    expect(asked[0]?.encoding_format).toBe('base64')
    expect(answer.data.map(({ embedding }) => [...embedding])).toEqual(vectors)
  })
})
