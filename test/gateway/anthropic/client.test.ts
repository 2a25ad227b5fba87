import { APIError, BadRequestError, NotFoundError } from '@anthropic-ai/sdk'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ModelyardError } from '../../../src/contract/index.ts'
import { anthropicCount, anthropicDialect, anthropicMessages, anthropicModels } from '../../../src/gateway/anthropic/index.ts'
import { type Answer, answering, answerOf, type Ending, eventsOf, type Piece, serving, wholeParts } from './served.ts'

const asked = { model: 'default', max_tokens: 64, messages: [{ role: 'user' as const, content: 'Hi' }] }
const usage = { promptTokens: 9, completionTokens: 4, cachedTokens: 2 }
const json = (value: unknown, status = 200): Answer => ({ status, type: 'application/json', bytes: [JSON.stringify(value)] })

const answers: Record<string, { pieces: Piece[]; end: Ending }> = {
  text: {
    pieces: [
      { type: 'delta', text: 'grü' },
      { type: 'delta', text: 'ße 🌍\n\u2028"' },
    ],
    end: { type: 'end', finishReason: 'stop', usage },
  },
  'thinking, text and calls': {
    pieces: [
      { type: 'reasoning', text: 'hm ' },
      { type: 'reasoning', text: 'ok' },
      { type: 'delta', text: 'Let me look.' },
      { type: 'tool_call', index: 0, id: 'call_1', name: 'look' },
      { type: 'tool_arguments', index: 0, text: '{"at":' },
      { type: 'tool_arguments', index: 0, text: '"漢"}' },
      { type: 'tool_call', index: 1, id: 'call_2', name: 'listen' },
    ],
    end: { type: 'end', finishReason: 'tool_calls', usage },
  },
  nothing: { pieces: [], end: { type: 'end', finishReason: 'length', usage: { completionTokens: 0, promptTokens: 1 } } },
}

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function served(...some: readonly Answer[]) {
  const one = await serving(some)
  closing.push(one.close)
  return one
}
const asking = async (...some: readonly Answer[]) => (await served(...some)).client

describe("Anthropic's own client", () => {
  it.each(Object.entries(answers))('gathers from the stream what the whole answer says: %s', async (_, { pieces, end }) => {
    const whole = anthropicMessages.whole(answering, asked, answerOf(pieces, end))
    const events = [': hello\n\n', anthropicDialect.keepAlive ?? '', ...eventsOf(wholeParts(pieces, end))]
    const client = await asking({ bytes: events }, json(whole))
    const streamed = await client.messages.stream(asked).finalMessage()
    const atOnce = await client.messages.create(asked)
    const shape = ({ id, content, model, stop_reason, stop_sequence, usage }: typeof atOnce) => ({
      id,
      content,
      model,
      stop_reason,
      stop_sequence,
      usage,
    })
    expect(JSON.parse(JSON.stringify(shape(streamed)))).toEqual(shape(atOnce))
    expect(shape(atOnce)).toEqual(shape(whole as typeof atOnce))
  })

  it('gathers the same however the bytes are cut', async () => {
    const { pieces, end } = answers['thinking, text and calls'] ?? expect.fail()
    const bytes = Buffer.from(eventsOf(wholeParts(pieces, end)).join(''))
    const cuts = fc.sample(fc.uniqueArray(fc.nat(bytes.length), { maxLength: 40 }), 20)
    const pieced = cuts.map((at): Answer => {
      const edges = [0, ...at.sort((a, b) => a - b), bytes.length]
      return { bytes: edges.slice(1).map((to, index) => bytes.subarray(edges[index], to)) }
    })
    const client = await asking({ bytes: [bytes] }, ...pieced)
    const expected = JSON.stringify(await client.messages.stream(asked).finalMessage())
    for (const _ of pieced) expect(JSON.stringify(await client.messages.stream(asked).finalMessage())).toBe(expected)
  })

  it('throws for an error inside the stream, and for a stream that is cut', async () => {
    const begun = eventsOf([{ type: 'start' }, { type: 'delta', text: 'a' }])
    const failure = new ModelyardError('provider_unreachable', 'It went away.')
    const client = await asking({ bytes: [...begun, anthropicDialect.streamError(failure)] }, { bytes: begun, cut: true })
    const failed: unknown = await client.messages
      .stream(asked)
      .finalMessage()
      .catch((error) => error)
    expect(failed).toBeInstanceOf(APIError)
    expect(failed).toMatchObject({
      type: 'api_error',
      errorCode: 'provider_unreachable',
      apiMessage: expect.stringContaining('It went away.'),
    })
    await expect(client.messages.stream(asked).finalMessage()).rejects.toThrow()
  })

  it('knows what kind of error it got', async () => {
    const errorAnswer = (error: ModelyardError): Answer => {
      const { status, body } = anthropicDialect.error(error)
      return json(body, status)
    }
    const client = await asking(
      errorAnswer(new ModelyardError('model_not_found', 'No "x" here; near: "y".')),
      errorAnswer(new ModelyardError('context_length_exceeded', undefined, { details: { promptTokens: 9, contextLength: 4 } })),
    )
    const unknown: unknown = await client.messages.create(asked).catch((error) => error)
    expect(unknown).toBeInstanceOf(NotFoundError)
    expect(unknown).toMatchObject({ type: 'not_found_error', errorCode: 'model_not_found' })
    const tooLong: unknown = await client.messages.create(asked).catch((error) => error)
    expect(tooLong).toBeInstanceOf(BadRequestError)
    expect(tooLong).toMatchObject({ message: expect.stringContaining('prompt is too long: 9 tokens > 4 maximum') })
  })

  it('says what is understood', async () => {
    const nothing = answers.nothing ?? expect.fail()
    const text = { pieces: [{ type: 'delta' as const, text: '{"city":"Oslo"}' }], end: nothing.end }
    const [empty, filled] = [nothing, text].map(({ pieces, end }) => json(anthropicMessages.whole(answering, asked, answerOf(pieces, end))))
    const { client, bodies } = await served(empty ?? expect.fail(), filled ?? expect.fail(), json(anthropicCount.whole(1)))
    await client.beta.messages.create({
      ...asked,
      betas: ['context-management-2025-06-27'],
      context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
      cache_control: { type: 'ephemeral' },
      thinking: { type: 'enabled', budget_tokens: 2048 },
      tools: [{ name: 'look', description: 'Looks', input_schema: { type: 'object', properties: {} } }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    })
    const format = zodOutputFormat(z.object({ city: z.string() }))
    const { parsed_output } = await client.messages.parse({ ...asked, output_config: { format } })
    await client.messages.countTokens({ model: 'default', messages: asked.messages })
    expect(parsed_output).toEqual({ city: 'Oslo' })
    const [first, second] = bodies.map((body) => anthropicMessages.parse({ max_tokens: 1, ...body }))
    expect(first).toEqual({
      stream: false,
      chat: {
        messages: [{ role: 'user', content: 'Hi' }],
        maxTokens: 64,
        reasoning: true,
        tools: [{ name: 'look', description: 'Looks', parameters: { type: 'object', properties: {} } }],
        toolChoice: 'required',
        parallelToolCalls: false,
      },
    })
    expect(second?.chat.format).toMatchObject({ type: 'schema', schema: { properties: { city: { type: 'string' } } } })
    expect(anthropicCount.parse(bodies[2] ?? {})).toEqual({ messages: [{ role: 'user', content: 'Hi' }] })
  })

  it('counts and lists', async () => {
    const list = anthropicModels([{ id: 'default' }, { id: 'ollama/a' }])
    const client = await asking(json(anthropicCount.whole(12)), json(list), json(list.data[1]))
    expect(await client.messages.countTokens({ model: 'default', messages: asked.messages })).toEqual({ input_tokens: 12 })
    const ids: string[] = []
    for await (const model of client.models.list()) ids.push(model.id)
    expect(ids).toEqual(['default', 'ollama/a'])
    expect(await client.models.retrieve('ollama/a')).toMatchObject({ id: 'ollama/a', display_name: 'ollama/a' })
  })
})
