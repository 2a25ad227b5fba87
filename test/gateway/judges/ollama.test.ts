/** Ollama's own client over every engine. */
import { Ollama } from 'ollama'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { token } from '../scene.ts'
import { engines, type Judged } from './engines.ts'

const messages = [{ role: 'user', content: 'Hello' }]
const options = { num_predict: 8 }
const place = z.object({ city: z.enum(['Oslo', 'Rome']), days: z.number().int().min(1).max(14) })
const tools = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'Weather of a place',
      parameters: {
        type: 'object',
        properties: { city: { type: 'string', enum: ['Oslo', 'Rome'] }, days: { type: 'integer', minimum: 1, maximum: 14 } },
        required: ['city', 'days'],
      } as never,
    },
  },
]

describe.each(engines)("Ollama's client over $name", ({ start }) => {
  let judged: Judged
  let client: Ollama
  const clientWith = (bearer: string): Ollama => new Ollama({ host: judged.url, headers: { authorization: `Bearer ${bearer}` } })
  const thrown = async (asking: Promise<unknown>): Promise<Error & { status_code?: number }> => {
    const error = await asking.catch((one: unknown) => one)
    if (error instanceof Error) return error
    return expect.fail(`${JSON.stringify(error)} is no error`)
  }

  // It says on the console what it could not read.
  beforeEach(() => void vi.spyOn(console, 'warn').mockReturnValue(undefined))
  afterEach(() => void vi.restoreAllMocks())
  beforeAll(async () => {
    judged = await start()
    client = clientWith(token)
  }, 90_000)
  afterAll(() => judged[Symbol.asyncDispose]())

  it('lists, shows, and says what is in memory', async () => {
    const { models } = await client.list()
    expect([models[0]?.name, models.length]).toEqual(['default', 4])
    for (const { digest, size, details } of models)
      expect([digest, size, details]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.any(Number), expect.any(Object)])
    for (const model of ['default', 'default:latest', judged.chat]) {
      expect(await client.show({ model })).toMatchObject({ details: expect.any(Object), capabilities: expect.any(Array) })
    }
    await client.chat({ model: 'default', messages, options })
    const loaded = (await client.ps()).models
    if (judged.tellsMemory) expect(loaded.map(({ name }) => name)).toContainEqual(expect.stringContaining(judged.chat))
    expect(await client.version()).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+$/) })
  })

  it('chats, through a slot and by ref, at once and streamed', async () => {
    for (const model of ['default', 'default:latest', judged.chat]) {
      const { message, done_reason, eval_count, prompt_eval_count } = await client.chat({ model, messages, options })
      expect([message.role, message.content, done_reason, eval_count]).toEqual([
        'assistant',
        expect.stringMatching(judged.says),
        'length',
        8,
      ])
      expect(prompt_eval_count).toBeGreaterThan(0)
      const pieces: string[] = []
      let ended: string | undefined
      for await (const part of await client.chat({ model, messages, options, stream: true })) {
        pieces.push(part.message.content)
        if (part.done) ended = part.done_reason
      }
      expect([pieces.length > 2, pieces.join(''), ended]).toEqual([true, message.content, 'length'])
    }
  })

  it('generates, at once and streamed', async () => {
    const { response, done } = await client.generate({ model: 'default', prompt: 'Hello', system: 'Be brief.', options })
    let streamed = ''
    for await (const part of await client.generate({ model: 'default', prompt: 'Hello', system: 'Be brief.', options, stream: true }))
      streamed += part.response
    expect([response, done, streamed]).toEqual([expect.stringMatching(judged.says), true, response])
  })

  it('sees what was thought', async () => {
    const { message } = await client.chat({ model: judged.thinker, messages, options, think: true })
    expect(message.thinking).toMatch(/./)
    let [thinking, text] = ['', '']
    for await (const part of await client.chat({ model: judged.thinker, messages, options, think: true, stream: true })) {
      thinking += part.message.thinking ?? ''
      text += part.message.content
    }
    expect([thinking, text]).toEqual([message.thinking, message.content])
  })

  it('has tools called, and tells what they said', async () => {
    const one = { model: 'default', messages, tools, options: { num_predict: 400 } }
    const { message } = await client.chat(one)
    const calls = [...(message.tool_calls ?? [])].slice(0, 1)
    let streamed: unknown
    for await (const part of await client.chat({ ...one, stream: true })) streamed ??= part.message.tool_calls?.[0]?.function
    for (const called of [calls[0]?.function, streamed as { name: string; arguments: unknown }]) {
      expect([called?.name, place.safeParse(called?.arguments).success]).toEqual(['get_weather', true])
    }
    const turns = [...messages, { ...message, tool_calls: calls }, { role: 'tool', content: '3 degrees', tool_name: 'get_weather' }]
    const answered = await client.chat({ model: 'default', messages: turns, options })
    expect(answered.message.content).toMatch(judged.says)
  })

  it('gets an answer in the form of its schema', async () => {
    const { message } = await client.chat({ model: 'default', messages, format: z.toJSONSchema(place), options: { num_predict: 400 } })
    expect(() => place.parse(JSON.parse(message.content))).not.toThrow()
  })

  it('gets vectors', async () => {
    const { embeddings } = await client.embed({ model: judged.embedder, input: ['Hello', 'world'] })
    expect([embeddings.length, (embeddings[0]?.length ?? 0) > 1]).toEqual([2, true])
    const { embedding } = await client.embeddings({ model: judged.embedder, prompt: 'Hello' })
    expect(embedding).toHaveLength(embeddings[0]?.length ?? 0)
  })

  it('is refused what comes and goes by other ways, with the command that does it', async () => {
    expect((await thrown(client.pull({ model: 'llama3.2' }))).message).toContain('modelyard pull')
    const streaming = client.pull({ model: 'llama3.2', stream: true }).then(async (parts) => {
      for await (const part of parts) expect.fail(JSON.stringify(part))
    })
    expect((await thrown(streaming)).message).toContain('modelyard pull')
    expect((await thrown(client.delete({ model: judged.chat }))).message).toContain('modelyard rm')
    expect((await thrown(client.copy({ source: 'default', destination: 'x' }))).message).toContain('modelyard slots add')
    expect((await thrown(client.create({ model: 'x', from: 'default' }))).message).toContain('modelyard pull')
  })

  it('is refused to unload what others may use, in words, and that goes on', async () => {
    for (const model of ['default', 'default:latest', judged.chat, judged.thinker]) {
      const error = await thrown(client.generate({ model, prompt: '', keep_alive: 0 }))
      expect([model, error.status_code, error.message]).toEqual([model, 422, expect.stringContaining('modelyard unload')])
      expect((await thrown(client.chat({ model, messages: [], keep_alive: '0s' }))).message).toContain('modelyard unload')
    }
    expect((await client.chat({ model: 'default', messages, options })).message.content).toMatch(judged.says)
  })

  describe('is told', () => {
    it('that a model is unknown, with names that are near', async () => {
      const error = await thrown(client.chat({ model: judged.chat.slice(0, -1), messages }))
      expect([error.status_code, error.message]).toEqual([404, expect.stringContaining(judged.chat)])
      expect((await thrown(client.chat({ model: 'no-such-model', messages, stream: true }))).message).toContain('no-such-model')
      expect((await thrown(client.embed({ model: 'no-such-model', input: 'x' }))).message).toContain('no-such-model')
      expect((await thrown(client.show({ model: 'no-such-model' }))).message).toContain('no-such-model')
    })

    it('that its token is wrong', async () => {
      expect((await thrown(clientWith('wrong').chat({ model: 'default', messages }))).message).toContain('token')
      expect((await thrown(clientWith('wrong').list())).message).toContain('token')
    })

    it('that its stream broke, and never that it ended', async () => {
      const error = await judged.broken(async (begun) => {
        let text = ''
        for await (const part of await client.chat({ model: 'default', messages, stream: true, options: { num_predict: 6000 } })) {
          text += part.message.content
          if (text !== '') await begun()
        }
        return text
      })
      expect(error).toBeInstanceOf(Error)
      expect((await client.chat({ model: 'default', messages, options })).message.content).toMatch(judged.says)
    })
  })
})
