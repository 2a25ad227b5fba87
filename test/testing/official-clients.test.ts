/** Two official clients as judges: they talk to the fakes as to the real engines, and do not notice. */
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { fakeLlamaServer } from '../../src/testing/fakes/fake-llama-server.ts'
import { fakeLmStudio } from '../../src/testing/fakes/fake-lmstudio.ts'
import { fakeOllama } from '../../src/testing/fakes/fake-ollama.ts'
import { fakeOpenAi } from '../../src/testing/fakes/fake-openai.ts'

const messages = [{ role: 'user' as const, content: 'Hello' }]
const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const tool = { type: 'function' as const, function: { name: 'weather', description: 'Tells it', parameters: schema } }

describe('npm ollama', () => {
  it('lists, shows, loads, chats, streams and stops', async () => {
    await using engine = await fakeOllama({ models: [{ name: 'alpha' }, { name: 'thinker', reasoning: true }] })
    const client = new Ollama({ host: engine.url })
    expect((await client.list()).models.map((one) => one.name)).toEqual(['alpha:latest', 'thinker:latest'])
    expect((await client.show({ model: 'alpha' })).details.format).toBe('gguf')
    expect((await client.chat({ model: 'alpha', messages, options: { num_predict: 2 } })).message.content).toBe('alpha#0 alpha#1 ')
    expect((await client.ps()).models.map((one) => one.name)).toEqual(['alpha:latest'])
    let text = ''
    let thinking = ''
    for await (const part of await client.chat({ model: 'thinker', messages, stream: true, options: { num_predict: 4 } })) {
      text += part.message.content
      thinking += part.message.thinking ?? ''
    }
    expect([text, thinking]).toEqual(['thinker#2 thinker#3 ', 'thinker#0 thinker#1 '])
    await client.generate({ model: 'alpha', prompt: '', keep_alive: 0 })
    expect((await client.ps()).models.map((one) => one.name)).toEqual(['thinker:latest'])
  })

  it('calls tools, keeps to a schema, thinks when told, and makes vectors', async () => {
    const models = [
      { name: 'alpha', tools: true, reasoning: true },
      { name: 'embedder', kind: 'embedding' as const },
    ]
    await using engine = await fakeOllama({ models })
    const client = new Ollama({ host: engine.url })
    const { message } = await client.chat({ model: 'alpha', messages, tools: [tool] })
    expect(message.tool_calls).toMatchObject([{ function: { name: 'weather', arguments: { city: 'text' } } }])
    const form = await client.chat({ model: 'alpha', messages, format: schema })
    expect(JSON.parse(form.message.content)).toEqual({ city: 'text' })
    const { message: unthinking } = await client.chat({ model: 'alpha', messages, think: false, options: { num_predict: 2 } })
    expect([unthinking.content, unthinking.thinking]).toEqual(['alpha#0 alpha#1 ', undefined])
    const { embeddings } = await client.embed({ model: 'embedder', input: ['one', 'two'] })
    expect(embeddings.map((one) => one.length)).toEqual([64, 64])
    await expect(client.embed({ model: 'alpha', input: 'one' })).rejects.toThrow('does not support embeddings')
  })

  it('loads anew for another context, and for what Ollama chooses where somebody had chosen', async () => {
    await using engine = await fakeOllama({ models: [{ name: 'alpha' }] })
    const client = new Ollama({ host: engine.url })
    const contexts: unknown[] = []
    for (const num_ctx of [undefined, undefined, 1024, 1024, undefined, 4096, 9999]) {
      await client.chat({ model: 'alpha', messages, options: { num_predict: 1, ...(num_ctx !== undefined && { num_ctx }) } })
      contexts.push(
        (await client.ps()).models.map((one) => ({ ...one }) as { context_length?: number }).map((one) => one.context_length)[0],
      )
    }
    expect(contexts).toEqual([4096, 4096, 1024, 1024, 4096, 4096, 4096])
    expect(engine.shelf.loads).toHaveLength(3)
  })

  it('throws where the real one makes it throw', async () => {
    await using engine = await fakeOllama({ models: [{ name: 'alpha' }, { name: 'broken', broken: true }] })
    const client = new Ollama({ host: engine.url })
    await expect(client.chat({ model: 'nosuch', messages })).rejects.toThrow("model 'nosuch' not found")
    await expect(client.chat({ model: 'broken', messages })).rejects.toThrow(/terminated/)
    engine.faults.add({ path: '/api/chat', fault: { kind: 'error-inside', message: 'runner died', after: 1 }, times: 1 })
    const stream = await client.chat({ model: 'alpha', messages, stream: true })
    await expect(async () => {
      for await (const _ of stream);
    }).rejects.toThrow('runner died')
  })
})

describe('npm openai', () => {
  const client = (url: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 })
  const streamed = async (openai: OpenAI, model: string): Promise<string> => {
    let text = ''
    for await (const chunk of await openai.chat.completions.create({ model, messages, stream: true, max_tokens: 3 }))
      text += chunk.choices[0]?.delta.content ?? ''
    return text
  }

  it('lists, chats and streams over each engine that speaks its dialect', async () => {
    const models = [{ name: 'alpha' }]
    await using vllm = await fakeOpenAi({ models })
    await using ollama = await fakeOllama({ models })
    await using router = await fakeLlamaServer({ models, router: true })
    await using single = await fakeLlamaServer({ models })
    for (const [engine, model] of [
      [vllm, 'alpha'],
      [ollama, 'alpha'],
      [router, 'alpha'],
      [single, 'whatever'],
    ] as const) {
      const openai = client(engine.url)
      expect((await openai.models.list()).data.length).toBe(1)
      expect(await streamed(openai, model)).toBe('alpha#0 alpha#1 alpha#2 ')
      const whole = await openai.chat.completions.create({ model, messages, max_tokens: 1 })
      expect([whole.choices[0]?.message.content, whole.usage?.completion_tokens]).toEqual(['alpha#0 ', 1])
    }
  })

  it('calls tools, keeps to a schema and makes vectors over each of them', async () => {
    const models = [
      { name: 'alpha', tools: true },
      { name: 'embedder', kind: 'embedding' as const },
    ]
    await using vllm = await fakeOpenAi({ models })
    await using ollama = await fakeOllama({ models })
    await using router = await fakeLlamaServer({ models, router: true })
    await using studio = await fakeLmStudio({ models })
    for (const engine of [vllm, ollama, router, studio]) {
      const openai = client(engine.url)
      const stream = openai.chat.completions.stream({ model: 'alpha', messages, tools: [tool] })
      const { message, finish_reason } = (await stream.finalChatCompletion()).choices[0] ?? {}
      expect(message?.tool_calls).toMatchObject([{ function: { name: 'weather', arguments: '{"city":"text"}' } }])
      const whole = await openai.chat.completions.create({ model: 'alpha', messages, tools: [tool] })
      expect([whole.choices[0]?.finish_reason, finish_reason]).toEqual(['tool_calls', 'tool_calls'])
      const response_format = { type: 'json_schema' as const, json_schema: { name: 'x', schema } }
      const form = await openai.chat.completions.create({ model: 'alpha', messages, response_format })
      expect(JSON.parse(form.choices[0]?.message.content ?? '')).toEqual({ city: 'text' })
      const { data, usage } = await openai.embeddings.create({ model: 'embedder', input: ['one', 'two'] })
      expect([data.map(({ embedding }) => embedding.length), usage.prompt_tokens]).toEqual([[64, 64], 2])
    }
  })

  it('throws where the real ones make it throw', async () => {
    await using engine = await fakeLlamaServer({ models: [{ name: 'alpha' }, { name: 'broken', broken: true }], router: true })
    const openai = client(engine.url)
    await expect(openai.chat.completions.create({ model: 'nosuch', messages })).rejects.toMatchObject({ status: 400 })
    await expect(openai.chat.completions.create({ model: 'broken', messages })).rejects.toMatchObject({ status: 500 })
    engine.faults.add({ path: '/v1/chat/completions', fault: { kind: 'error-inside', message: 'died', after: 1 }, times: 1 })
    await expect(streamed(openai, 'alpha')).rejects.toThrow('died')
  })
})
