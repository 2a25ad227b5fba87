/** Two official clients as judges: they talk to the fakes as to the real engines, and do not notice. */
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { fakeLlamaServer } from '../../src/testing/fakes/fake-llama-server.ts'
import { fakeOllama } from '../../src/testing/fakes/fake-ollama.ts'
import { fakeOpenAi } from '../../src/testing/fakes/fake-openai.ts'

const messages = [{ role: 'user' as const, content: 'Hello' }]

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

  it('throws where the real ones make it throw', async () => {
    await using engine = await fakeLlamaServer({ models: [{ name: 'alpha' }, { name: 'broken', broken: true }], router: true })
    const openai = client(engine.url)
    await expect(openai.chat.completions.create({ model: 'nosuch', messages })).rejects.toMatchObject({ status: 400 })
    await expect(openai.chat.completions.create({ model: 'broken', messages })).rejects.toMatchObject({ status: 500 })
    engine.faults.add({ path: '/v1/chat/completions', fault: { kind: 'error-inside', message: 'died', after: 1 }, times: 1 })
    await expect(streamed(openai, 'alpha')).rejects.toThrow('died')
  })
})
