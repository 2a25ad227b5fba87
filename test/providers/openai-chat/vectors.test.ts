/** Vectors and the length of a prompt, over the providers that speak OpenAI's dialect. */
import { describe, expect, it } from 'vitest'
import { ModelyardError } from '../../../src/contract/index.ts'
import { engineError } from '../../../src/providers/openai-chat/index.ts'
import type { Provider } from '../../../src/providers/provider.ts'
import { createProviders } from '../../../src/providers/registry.ts'
import { type Answerer, notAborted, recording, replay, scriptedEngine, sendJson } from './scripted-engine.ts'

const kinds = ['llamacpp', 'lmstudio', 'openai-compatible'] as const

async function over(
  kind: (typeof kinds)[number],
  answer: Answerer,
  run: (provider: Provider, bodies: () => object[]) => Promise<void>,
): Promise<void> {
  await using engine = await scriptedEngine(answer)
  const config = { id: 'it', kind, enabled: true, baseUrl: engine.url }
  const [provider] = createProviders([config], { isOurs: () => false, library: '/nonexistent', home: '/nonexistent', log: () => {} })
  try {
    await run(provider as Provider, () => engine.asked.map(({ path, body }) => ({ path, body })))
  } finally {
    await provider?.close()
  }
}

const embed = async (provider: Provider, more: object = {}) =>
  provider.embed?.({ model: 'm', input: ['one', 'two'], ...more }, { signal: notAborted() })

const failureOf = async (work: Promise<unknown>): Promise<ModelyardError> => {
  const thrown = await work.then(
    (went) => expect.fail(`answered ${JSON.stringify(went)}`),
    (error: unknown) => error,
  )
  expect(ModelyardError.is(thrown)).toBe(true)
  return thrown as ModelyardError
}

const entry = (index: number, embedding: unknown) => ({ object: 'embedding', index, embedding })

describe.each(kinds)('vectors by %s', (kind) => {
  it('come in the order of the texts, whatever order they were sent in', async () => {
    const body = { data: [entry(1, [0, 1]), entry(0, [1, 0])], usage: { prompt_tokens: 7, total_tokens: 7 } }
    await over(
      kind,
      (_, response) => sendJson(response, 200, body),
      async (provider, bodies) => {
        expect(await embed(provider, { dimensions: 2 })).toEqual({
          vectors: [
            [1, 0],
            [0, 1],
          ],
          promptTokens: 7,
        })
        expect(bodies()).toEqual([{ path: '/v1/embeddings', body: { model: 'm', input: ['one', 'two'], dimensions: 2 } }])
      },
    )
  })

  it.each([
    [[entry(0, [1])]],
    [[entry(0, [1]), entry(0, [2])]],
    [[entry(0, [1]), entry(5, [2])]],
    [[entry(0, [1]), entry(1, 'AAAA')]],
    [[entry(0, [1]), entry(1, [null])]],
    [[entry(0, [1]), entry(1, [1, 2])]],
    [[7, 8]],
    [undefined],
  ])('are not believed: %j', async (data) => {
    await over(
      kind,
      (_, response) => sendJson(response, 200, { data }),
      async (provider) => {
        expect((await failureOf(embed(provider))).code).toBe('provider_protocol')
      },
    )
  })

  it.each([
    [400, { error: { message: 'The model does not support Embeddings API', type: 'BadRequestError' } }, 'unsupported_operation'],
    [400, { error: 'Model is not embedding' }, 'unsupported_operation'],
    [501, { error: { message: 'no', code: 501 } }, 'unsupported_operation'],
    [
      400,
      { error: { code: 400, message: "Pooling type 'none' is not OAI compatible. Please use a different pooling type" } },
      'unsupported_operation',
    ],
    [
      500,
      {
        error: {
          code: 500,
          message: 'input (900 tokens) is too large to process. increase the physical batch size (current batch size: 512)',
        },
      },
      'context_length_exceeded',
    ],
    [404, { error: { message: 'The model `m` does not exist.', code: 'model_not_found' } }, 'model_not_found'],
  ])('%i %j is told as what it is', async (status, body, code) => {
    await over(
      kind,
      (_, response) => sendJson(response, status, body),
      async (provider) => {
        expect((await failureOf(embed(provider))).code).toBe(code)
      },
    )
  })

  it('are told as unsupported where llama-server has none', async () => {
    await over(
      kind,
      (_, response) => replay(response, 'llama-server/0c1e570/18-v1-embeddings-off.json'),
      async (provider) => {
        expect((await failureOf(embed(provider))).code).toBe('unsupported_operation')
      },
    )
  })

  it('end with the caller’s signal', async () => {
    const reason = new ModelyardError('superseded')
    const stop = new AbortController()
    await over(
      kind,
      () => stop.abort(reason),
      async (provider) => {
        const failed = await failureOf(provider.embed?.({ model: 'm', input: ['x'] }, { signal: stop.signal }) ?? Promise.resolve())
        expect(failed.code).toBe('superseded')
      },
    )
  })
})

describe('the length of a prompt by llamacpp', () => {
  const count = (provider: Provider) =>
    provider.countTokens?.(
      { model: 'm', messages: [{ role: 'user', content: 'Hi' }], tools: [{ name: 't' }], maxTokens: 5 },
      { signal: notAborted() },
    )

  it('is what it says of the same prompt, and nothing is generated', async () => {
    await over(
      'llamacpp',
      (_, response) => sendJson(response, 200, { object: 'response.input_tokens', input_tokens: 12 }),
      async (provider, bodies) => {
        expect(await count(provider)).toBe(12)
        const body = {
          model: 'm',
          messages: [{ role: 'user', content: 'Hi' }],
          tools: [{ type: 'function', function: { name: 't', parameters: { type: 'object', properties: {} } } }],
        }
        expect(bodies()).toEqual([{ path: '/v1/chat/completions/input_tokens', body }])
      },
    )
  })

  it('is no other thing', async () => {
    await over(
      'llamacpp',
      (_, response) => sendJson(response, 200, { input_tokens: '12' }),
      async (provider) => {
        expect((await failureOf(Promise.resolve(count(provider)))).code).toBe('provider_protocol')
      },
    )
  })

  it('is not known of the others', async () => {
    for (const kind of ['lmstudio', 'openai-compatible'] as const)
      await over(
        kind,
        (_, response) => sendJson(response, 200, {}),
        async (provider) => expect(provider.countTokens).toBe(undefined),
      )
  })
})

describe('a prompt that is too long', () => {
  const told = (status: number, body: unknown) => {
    const { code, details } = engineError({ status, body }, { label: 'It' })
    return [code, details?.promptTokens, details?.contextLength]
  }
  it.each([
    ['llama-server/0c1e570/15-v1-chat-over-context.json', 10_019, 256],
    ['ollama/0.32.15/38-chat-over-context.json', 15_019, 512],
  ])('is told with its numbers: %s', (path, prompt, limit) => {
    const { status, json } = recording(path).response
    expect(told(status, json)).toEqual(['context_length_exceeded', prompt, limit])
  })

  it.each([
    [
      "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4900 in the messages, 100 in the completion).",
      4900,
      4096,
    ],
    [
      "This model's maximum context length is 4096 tokens. However, your request has 4900 input tokens. Please reduce the length of the input messages.",
      4900,
      4096,
    ],
    [
      'Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough.',
      9000,
      4096,
    ],
    ['the input length exceeds the context length', undefined, undefined],
  ])('is told with what its words say: %s', (message, prompt, limit) => {
    expect(told(400, { error: { message } })).toEqual(['context_length_exceeded', prompt, limit])
    expect(told(400, { error: message })).toEqual(['context_length_exceeded', prompt, limit])
  })
})
