/** OpenAI's own client over every engine. */
import OpenAI, { APIError, AuthenticationError, BadRequestError, NotFoundError } from 'openai'
import { zodResponseFormat } from 'openai/helpers/zod'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { token } from '../scene.ts'
import { engines, type Judged } from './engines.ts'

const messages = [{ role: 'user' as const, content: 'Hello' }]
const place = z.object({ city: z.enum(['Oslo', 'Rome']), days: z.number().int().min(1).max(14) })
const time = z.object({ exact: z.boolean() })
const schemas: Record<string, z.ZodType> = { get_weather: place, get_time: time }
const tools: OpenAI.ChatCompletionFunctionTool[] = [
  { type: 'function', function: { name: 'get_weather', description: 'Weather of a place', parameters: z.toJSONSchema(place) } },
  { type: 'function', function: { name: 'get_time', parameters: z.toJSONSchema(time) } },
]

describe.each(engines)("OpenAI's client over $name", ({ start }) => {
  let judged: Judged
  let client: OpenAI
  /** Paths of the requests that it sent. */
  const sent: string[] = []
  const clientWith = (apiKey: string): OpenAI =>
    new OpenAI({
      baseURL: `${judged.url}/v1`,
      apiKey,
      logLevel: 'off',
      fetch(url, init) {
        sent.push(new URL(String(url)).pathname)
        return fetch(url, init)
      },
    })
  const thrown = async (asking: Promise<unknown>): Promise<APIError> => {
    const error = await asking.catch((one: unknown) => one)
    if (error instanceof APIError) return error
    return expect.fail(`${String(error)} is no error of the API`)
  }

  beforeAll(async () => {
    judged = await start()
    client = clientWith(token)
  }, 90_000)
  afterAll(() => judged[Symbol.asyncDispose]())

  it('chats, through a slot and by ref', async () => {
    for (const model of ['default', 'default:latest', judged.chat]) {
      const { data, response } = await client.chat.completions.create({ model, messages, max_tokens: 8 }).withResponse()
      const [choice] = data.choices
      expect(choice?.message).toMatchObject({ role: 'assistant', content: expect.stringMatching(judged.says) })
      expect([choice?.finish_reason, data.object, response.headers.get('x-modelyard-model')]).toEqual([
        'length',
        'chat.completion',
        expect.stringContaining(judged.chat),
      ])
      expect(data.usage).toMatchObject({ prompt_tokens: expect.any(Number), completion_tokens: 8 })
      expect(data.usage?.total_tokens).toBe((data.usage?.prompt_tokens ?? 0) + 8)
    }
  })

  it('streams, with what it cost at the end', async () => {
    const stream = client.chat.completions.stream({
      model: 'default',
      messages,
      max_tokens: 8,
      stream_options: { include_usage: true },
    })
    const pieces: string[] = []
    stream.on('content', (piece) => pieces.push(piece))
    const { choices, usage } = await stream.finalChatCompletion()
    expect(pieces.length).toBeGreaterThan(1)
    expect([pieces.join(''), choices[0]?.finish_reason]).toEqual([choices[0]?.message.content, 'length'])
    expect([choices[0]?.message.content, usage?.completion_tokens]).toEqual([expect.stringMatching(judged.says), 8])
  })

  it('streams thoughts apart from what is said', async () => {
    let [thoughts, text] = ['', '']
    for await (const { choices } of await client.chat.completions.create({
      model: judged.thinker,
      messages,
      max_tokens: 8,
      stream: true,
    })) {
      const delta = choices[0]?.delta as { content?: string | null; reasoning_content?: string; reasoning?: string } | undefined
      thoughts += delta?.reasoning_content ?? delta?.reasoning ?? ''
      text += delta?.content ?? ''
    }
    expect(thoughts).not.toBe('')
    expect(text).not.toContain(thoughts)
  })

  it('has tools called, and told what they said', async () => {
    const asked = { model: 'default', messages, tools, max_tokens: 400, parallel_tool_calls: judged.forcesTools ? false : null }
    const whole = await client.chat.completions.create(asked as OpenAI.ChatCompletionCreateParamsNonStreaming)
    const streamed = await client.chat.completions.stream(asked as OpenAI.ChatCompletionCreateParamsStreaming).finalChatCompletion()
    for (const { choices } of [whole, streamed]) {
      const [call] = choices[0]?.message.tool_calls ?? []
      if (call?.type !== 'function') return expect.fail('no function was called')
      const { name, arguments: written } = call.function
      expect([choices[0]?.finish_reason, call.id]).toEqual(['tool_calls', expect.stringMatching(/./)])
      expect([name, schemas[name]?.safeParse(JSON.parse(written)).success]).toEqual([name, true])
      const answered = await client.chat.completions.create({
        ...asked,
        parallel_tool_calls: null as never,
        tool_choice: 'none',
        max_tokens: 8,
        messages: [...messages, choices[0]?.message as never, { role: 'tool', tool_call_id: call.id, content: '3 degrees' }],
      })
      expect(answered.choices[0]?.message.content).toMatch(judged.says)
    }
  })

  it('can make it call one by name, or is told that it cannot', async () => {
    const asking = client.chat.completions.create({
      model: 'default',
      messages,
      tools,
      max_tokens: 400,
      tool_choice: { type: 'function', function: { name: 'get_time' } },
    })
    if (!judged.forcesTools) return expect(await thrown(asking)).toBeInstanceOf(BadRequestError)
    const [call] = (await asking).choices[0]?.message.tool_calls ?? []
    expect(call).toMatchObject({ type: 'function', function: { name: 'get_time' } })
  })

  it('gets an answer in the form of its schema', async () => {
    const { choices } = await client.chat.completions.parse({
      model: 'default',
      messages,
      max_tokens: 400,
      response_format: zodResponseFormat(place, 'place'),
    })
    expect(choices[0]?.message.parsed).toEqual(place.parse(choices[0]?.message.parsed))
  })

  it('gets vectors, the same as numbers and in base64', async () => {
    const asked = { model: judged.embedder, input: ['Hello', 'world'] }
    const { data, usage } = await client.embeddings.create(asked)
    const { data: floats } = await client.embeddings.create({ ...asked, encoding_format: 'float' })
    expect(data.map(({ index }) => index)).toEqual([0, 1])
    expect(data[0]?.embedding.length).toBeGreaterThan(1)
    data.forEach(({ embedding }, index) => {
      for (const [at, number] of embedding.entries()) expect(number).toBeCloseTo(floats[index]?.embedding[at] ?? Number.NaN, 5)
    })
    expect(usage.prompt_tokens).toBeGreaterThan(0)
  })

  it('lists the models, slots first, and finds one', async () => {
    const ids: string[] = []
    for await (const { id } of client.models.list()) ids.push(id)
    expect([ids[0], ids.length]).toEqual(['default', 4])
    expect(await client.models.retrieve('default')).toMatchObject({ id: 'default', object: 'model' })
    expect(await client.models.retrieve(ids[1] ?? '')).toMatchObject({ id: ids[1], created: expect.any(Number) })
  })

  it('has responses where the engine has them, else is told what to use', async () => {
    const asked = { model: 'default', input: 'Hello', max_output_tokens: 8 }
    if (!judged.hasResponses) {
      const before = sent.length
      const error = await thrown(client.responses.create(asked))
      expect([error.status, error.message]).toEqual([422, expect.stringContaining('/v1/chat/completions')])
      expect(sent.length - before).toBe(1)
      return
    }
    expect((await client.responses.create(asked)).output_text).toMatch(judged.says)
    const stream = client.responses.stream(asked)
    let text = ''
    stream.on('response.output_text.delta', ({ delta }) => {
      text += delta
    })
    const { output_text } = await stream.finalResponse()
    expect([text, output_text]).toEqual([expect.stringMatching(judged.says), text])
  })

  describe('is told', () => {
    it('that a model is unknown, once, with names that are near', async () => {
      const before = sent.length
      const error = await thrown(client.chat.completions.create({ model: judged.chat.slice(0, -1), messages }))
      expect(error).toBeInstanceOf(NotFoundError)
      expect([error.code, error.param, error.message]).toEqual(['model_not_found', 'model', expect.stringContaining(judged.chat)])
      const streamed = client.chat.completions.create({ model: 'no-such-model', messages, stream: true })
      expect(await thrown(streamed)).toBeInstanceOf(NotFoundError)
      expect(await thrown(client.embeddings.create({ model: 'no-such-model', input: 'x' }))).toBeInstanceOf(NotFoundError)
      expect(await thrown(client.models.retrieve('no-such-model'))).toBeInstanceOf(NotFoundError)
      expect(sent.length - before).toBe(4)
    })

    it('that its token is wrong', async () => {
      const error = await thrown(clientWith('wrong').chat.completions.create({ model: 'default', messages }))
      expect([error.constructor, error.code]).toEqual([AuthenticationError, 'invalid_api_key'])
      expect(await thrown(clientWith('wrong').models.list() as never)).toBeInstanceOf(AuthenticationError)
    })

    it('which field cannot be, with nothing sent to the engine', async () => {
      const error = await thrown(client.chat.completions.create({ model: 'default', messages, api_base: 'http://127.0.0.1:1' } as never))
      expect([error.constructor, error.param]).toEqual([BadRequestError, 'api_base'])
    })

    it('that its prompt is too long', async () => {
      const content = 'much too long '.repeat(3000)
      const error = await thrown(client.chat.completions.create({ model: 'default', messages: [{ role: 'user', content }] }))
      expect([error.constructor, error.code, error.message]).toEqual([
        BadRequestError,
        'context_length_exceeded',
        expect.stringMatching(/\d+/),
      ])
    })

    it('that its stream broke, and never that it ended', async () => {
      const error = await judged.broken(async (begun) => {
        let text = ''
        for await (const chunk of await client.chat.completions.create({ model: 'default', messages, stream: true, max_tokens: 6000 })) {
          text += chunk.choices[0]?.delta.content ?? ''
          if (text !== '') await begun()
        }
        return text
      })
      expect(error).toBeInstanceOf(Error)
      const { choices } = await client.chat.completions.create({ model: 'default', messages, max_tokens: 8 })
      expect(choices[0]?.message.content).toMatch(judged.says)
    })
  })
})
