import { describe, expect, it } from 'vitest'
import { ollamaEmbed, ollamaEmbeddings } from '../../../src/gateway/ollama/index.ts'
import { answering } from '../answering.ts'
import { bodyWith, refusedField } from '../asking.ts'

const vectors = [
  [0.5, 1],
  [2, 3],
]

describe('/api/embed', () => {
  it('takes a text or texts; none or an empty one only loads', () => {
    expect(ollamaEmbed.parse({ input: 'a', truncate: true, keep_alive: '5m', options: { num_ctx: 9 } })).toEqual({ input: ['a'] })
    expect(ollamaEmbed.parse({ input: ['a', ''], dimensions: 3 })).toEqual({ input: ['a', ''], dimensions: 3 })
    for (const body of [{}, { input: '' }, { input: [] }, { dimensions: 0 }]) expect(ollamaEmbed.parse(body)).toEqual({ input: [] })
  })
  it('answers with a list of vectors and what they cost', () => {
    expect(ollamaEmbed.whole(answering(), {}, { vectors, promptTokens: 7 })).toEqual({
      model: 'tiny "a"',
      embeddings: vectors,
      total_duration: 10e6,
      load_duration: 0,
      prompt_eval_count: 7,
    })
  })
  it.each<[string, object]>([
    ['input', { input: 5 }],
    ['input[1]', { input: ['a', 5] }],
    ['dimensions', { input: 'a', dimensions: -1 }],
  ])('names %s where it cannot be: %j', (field, body) => expect(refusedField(() => ollamaEmbed.parse(body as never))).toBe(field))
})

describe('/api/embeddings, the older one', () => {
  it('takes one text and answers with one vector', () => {
    expect(ollamaEmbeddings.parse({ prompt: 'a' })).toEqual({ input: ['a'] })
    expect(ollamaEmbeddings.whole(answering(), {}, { vectors })).toEqual({ embedding: [0.5, 1] })
  })
  it('only loads with an empty text', () => {
    expect(ollamaEmbeddings.parse({ prompt: '' })).toEqual({ input: [] })
    expect(ollamaEmbeddings.whole(answering(), {}, { vectors: [] })).toEqual({ embedding: [] })
  })
  it('names its text where that is missing', () => expect(refusedField(() => ollamaEmbeddings.parse({}))).toBe('prompt'))
})

it.each([ollamaEmbed, ollamaEmbeddings])('refused fields are refused, ignored ones change nothing', (dialect) => {
  const base = { input: 'a', prompt: 'a' }
  for (const [name, fate] of Object.entries(dialect.fields)) {
    const body = bodyWith(base, name, 'x')
    if (fate === 'refused') expect(refusedField(() => dialect.parse(body))).toBe(name)
    if (fate === 'ignored') expect(dialect.parse(body)).toEqual({ input: ['a'] })
  }
})
