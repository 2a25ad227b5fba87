/** Anthropic's own client over every engine. */
import Anthropic, { APIError, AuthenticationError, BadRequestError, NotFoundError } from '@anthropic-ai/sdk'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { token } from '../scene.ts'
import { engines, type Judged } from './engines.ts'

const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Hello' }]
const asked = { model: 'default', max_tokens: 8, messages }
const place = z.object({ city: z.enum(['Oslo', 'Rome']), days: z.number().int().min(1).max(14) })
const schemas: Record<string, z.ZodType> = { get_weather: place, get_time: z.object({ exact: z.boolean() }) }
/** Limits of numbers its helper puts into words. */
const form = z.object({ city: z.enum(['Oslo', 'Rome']), sure: z.boolean() })
const tools: Anthropic.Tool[] = [
  {
    name: 'get_weather',
    description: 'Weather of a place',
    input_schema: {
      type: 'object',
      properties: { city: { enum: ['Oslo', 'Rome'] }, days: { type: 'integer', minimum: 1, maximum: 14 } },
      required: ['city', 'days'],
    },
  },
  { name: 'get_time', input_schema: { type: 'object', properties: { exact: { type: 'boolean' } }, required: ['exact'] } },
]
const textOf = ({ content }: Anthropic.Message): string => content.map((block) => (block.type === 'text' ? block.text : '')).join('')

describe.each(engines)("Anthropic's client over $name", ({ start }) => {
  let judged: Judged
  let client: Anthropic
  let sent = 0
  const clientWith = (apiKey: string): Anthropic =>
    new Anthropic({
      baseURL: judged.url,
      apiKey,
      logLevel: 'off',
      fetch(url, init) {
        sent += 1
        return fetch(url, init)
      },
    })
  const thrown = async (asking: PromiseLike<unknown>): Promise<APIError> => {
    const error = await Promise.resolve(asking).catch((one: unknown) => one)
    if (error instanceof APIError) return error
    return expect.fail(`${String(error)} is no error of the API`)
  }

  beforeAll(async () => {
    judged = await start()
    client = clientWith(token)
  }, 90_000)
  afterAll(() => judged[Symbol.asyncDispose]())

  it('gets a message, through a slot and by ref, at once and streamed', async () => {
    for (const model of ['default', judged.chat]) {
      const whole = await client.messages.create({ ...asked, model, system: 'Be brief.' })
      const stream = client.messages.stream({ ...asked, model, system: 'Be brief.' })
      const pieces: string[] = []
      stream.on('text', (piece) => pieces.push(piece))
      const streamed = await stream.finalMessage()
      for (const message of [whole, streamed]) {
        expect([message.role, message.type, message.stop_reason]).toEqual(['assistant', 'message', 'max_tokens'])
        expect([textOf(message), message.usage.output_tokens]).toEqual([expect.stringMatching(judged.says), 8])
        expect(message.usage.input_tokens + (message.usage.cache_read_input_tokens ?? 0)).toBeGreaterThan(0)
      }
      expect([pieces.length > 1, pieces.join('')]).toEqual([true, textOf(streamed)])
    }
  })

  it('sees what was thought, or does not where it asks for nothing of it', async () => {
    const thinking = { type: 'enabled', budget_tokens: 1024 } as const
    const message = await client.messages.create({ ...asked, model: judged.thinker, thinking })
    const streamed = await client.messages.stream({ ...asked, model: judged.thinker, thinking }).finalMessage()
    for (const { content } of [message, streamed]) {
      expect(content[0]).toMatchObject({ type: 'thinking', thinking: expect.stringMatching(/./), signature: expect.any(String) })
    }
    const direct = await client.messages.create({ ...asked, model: judged.thinker, thinking: { type: 'disabled' } })
    expect(direct.content.map(({ type }) => type)).toEqual(judged.thinksUnasked ? ['thinking', 'text'] : ['text'])
    // What was thought may come back.
    const turns: Anthropic.MessageParam[] = [...messages, { role: 'assistant', content: message.content }, ...messages]
    expect(await client.messages.create({ ...asked, messages: turns })).toMatchObject({ type: 'message' })
  })

  it('has tools called, and tells what they said', async () => {
    const one = { ...asked, max_tokens: 400, tools }
    const whole = await client.messages.create(one)
    const streamed = await client.messages.stream(one).finalMessage()
    for (const { content, stop_reason } of [whole, streamed]) {
      const call = content.find((block) => block.type === 'tool_use')
      expect([call?.name, schemas[call?.name ?? '']?.safeParse(call?.input).success]).toEqual([call?.name, true])
      if (stop_reason !== 'max_tokens') expect(stop_reason).toBe('tool_use')
      const result = { type: 'tool_result', tool_use_id: call?.id ?? '', content: '3 degrees' } as const
      const used = content.filter((block) => block === call)
      const turns: Anthropic.MessageParam[] = [...messages, { role: 'assistant', content: used }, { role: 'user', content: [result] }]
      const answered = await client.messages.create({ ...asked, tools, tool_choice: { type: 'none' }, messages: turns })
      expect(textOf(answered)).toMatch(judged.says)
    }
  })

  it('can make it call a tool, or is told that it cannot', async () => {
    const asking = client.messages.create({ ...asked, max_tokens: 400, tools, tool_choice: { type: 'tool', name: 'get_time' } })
    if (!judged.forcesTools) return expect(await thrown(asking)).toBeInstanceOf(BadRequestError)
    expect((await asking).content.find((block) => block.type === 'tool_use')).toMatchObject({ name: 'get_time' })
  })

  it('gets an answer in the form of its schema', async () => {
    const format = zodOutputFormat(form)
    const { parsed_output } = await client.messages.parse({ ...asked, max_tokens: 400, output_config: { format } })
    expect(parsed_output).toEqual(form.parse(parsed_output))
  })

  it('counts tokens where the engine can, else is told once', async () => {
    if (judged.countsTokens) {
      const { input_tokens } = await client.messages.countTokens({ model: 'default', messages })
      const { input_tokens: more } = await client.messages.countTokens({ model: 'default', messages, tools, system: 'Be brief.' })
      return expect([input_tokens > 0, more > input_tokens]).toEqual([true, true])
    }
    const before = sent
    const error = await thrown(client.messages.countTokens({ model: 'default', messages }))
    expect([error.status, sent - before]).toEqual([422, 1])
  })

  it('lists the models, slots first, and finds one', async () => {
    const ids: string[] = []
    for await (const { id } of client.models.list()) ids.push(id)
    expect([ids[0], ids.length]).toEqual(['default', 4])
    expect(await client.models.retrieve(ids[1] ?? '')).toMatchObject({ id: ids[1], type: 'model' })
  })

  describe('is told', () => {
    it('that a model is unknown, once, with names that are near', async () => {
      const before = sent
      const error = await thrown(client.messages.create({ ...asked, model: judged.chat.slice(0, -1) }))
      expect(error).toBeInstanceOf(NotFoundError)
      expect([error.type, error.message]).toEqual(['not_found_error', expect.stringContaining(judged.chat)])
      expect(await thrown(client.messages.stream({ ...asked, model: 'no-such-model' }).finalMessage())).toBeInstanceOf(NotFoundError)
      expect(sent - before).toBe(2)
    })

    it('that its token is wrong', async () => {
      const error = await thrown(clientWith('wrong').messages.create(asked))
      expect([error.constructor, error.type]).toEqual([AuthenticationError, 'authentication_error'])
    })

    it('that its prompt is too long, in the words that it looks for', async () => {
      const content = 'much too long '.repeat(3000)
      const error = await thrown(client.messages.create({ ...asked, messages: [{ role: 'user', content }] }))
      expect([error.constructor, error.message]).toEqual([
        BadRequestError,
        expect.stringMatching(/prompt is too long: \d+ tokens > \d+ maximum/),
      ])
    })

    it('that its stream broke, and never that it ended', async () => {
      const error = await judged.broken((begun) => {
        const stream = client.messages.stream({ ...asked, max_tokens: 6000 })
        stream.on('text', () => void begun())
        return stream.finalMessage()
      })
      expect(error).toBeInstanceOf(Error)
      expect(textOf(await client.messages.create(asked))).toMatch(judged.says)
    })
  })
})
