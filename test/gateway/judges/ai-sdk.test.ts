/** The AI SDK with its OpenAI-compatible provider over every engine. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { APICallError, embedMany, generateObject, generateText, stepCountIs, streamObject, streamText, tool } from 'ai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { token } from '../scene.ts'
import { engines, type Judged } from './engines.ts'

const prompt = 'Hello'
const place = z.object({ city: z.enum(['Oslo', 'Rome']), days: z.number().int().min(1).max(14) })

describe.each(engines)('The AI SDK over $name', ({ start }) => {
  let judged: Judged
  const provider = (apiKey = token) =>
    createOpenAICompatible({ name: 'modelyard', baseURL: `${judged.url}/v1`, apiKey, includeUsage: true, supportsStructuredOutputs: true })
  const thrown = async (asking: PromiseLike<unknown>): Promise<unknown> => {
    try {
      return expect.fail(`it gave ${JSON.stringify(await asking)}`)
    } catch (error) {
      return error
    }
  }

  beforeAll(async () => {
    judged = await start()
  }, 90_000)
  afterAll(() => judged[Symbol.asyncDispose]())

  it('generates text, through a slot and by ref', async () => {
    for (const model of ['default', judged.chat]) {
      const { text, finishReason, usage } = await generateText({
        model: provider()(model),
        system: 'Be brief.',
        prompt,
        maxOutputTokens: 8,
      })
      expect([text, finishReason, usage.outputTokens]).toEqual([expect.stringMatching(judged.says), 'length', 8])
      expect(usage.inputTokens).toBeGreaterThan(0)
    }
  })

  it('streams text', async () => {
    const answer = streamText({ model: provider()('default'), prompt, maxOutputTokens: 8 })
    const pieces: string[] = []
    for await (const piece of answer.textStream) pieces.push(piece)
    expect([pieces.length > 1, pieces.join('')]).toEqual([true, await answer.text])
    expect([await answer.text, await answer.finishReason, (await answer.usage).outputTokens]).toEqual([
      expect.stringMatching(judged.says),
      'length',
      8,
    ])
  })

  it('sees thoughts apart from what is said', async () => {
    const { reasoningText, text } = await generateText({ model: provider()(judged.thinker), prompt, maxOutputTokens: 8 })
    const streamed = streamText({ model: provider()(judged.thinker), prompt, maxOutputTokens: 8 })
    await streamed.consumeStream()
    expect([reasoningText, await streamed.reasoningText, await streamed.text]).toEqual([expect.stringMatching(/./), reasoningText, text])
  })

  it('has tools called and goes on with what they said', async () => {
    const called: unknown[] = []
    const get_weather = tool({
      description: 'Weather of a place',
      inputSchema: place,
      execute(input) {
        called.push(input)
        return '3 degrees'
      },
    })
    const asked = {
      model: provider()('default'),
      prompt,
      tools: { get_weather },
      maxOutputTokens: 400,
      ...(judged.forcesTools && { providerOptions: { modelyard: { parallel_tool_calls: false } } }),
      stopWhen: stepCountIs(2),
      prepareStep: ({ stepNumber }: { stepNumber: number }) =>
        stepNumber === 0 ? {} : { toolChoice: 'none' as const, model: provider()('default') },
    }
    const whole = await generateText(asked)
    const streamed = streamText(asked)
    await streamed.consumeStream()
    expect(called.length).toBeGreaterThanOrEqual(2)
    for (const input of called) expect(place.parse(input)).toEqual(input)
    for (const steps of [whole.steps, await streamed.steps]) {
      expect(steps.length).toBe(2)
      expect(steps[0]?.toolResults[0]).toMatchObject({ toolName: 'get_weather', output: '3 degrees' })
      expect(steps[1]?.text).toMatch(judged.says)
    }
  })

  it('gets an object of its schema, at once and in pieces', async () => {
    const asked = { model: provider()('default'), prompt, schema: place, maxOutputTokens: 400 }
    const { object } = await generateObject(asked)
    expect(place.parse(object)).toEqual(object)
    const streamed = streamObject(asked)
    for await (const _ of streamed.partialObjectStream);
    expect(place.parse(await streamed.object)).toEqual(await streamed.object)
  })

  it('gets vectors', async () => {
    const { embeddings, usage } = await embedMany({ model: provider().embeddingModel(judged.embedder), values: ['Hello', 'world'] })
    expect([embeddings.length, embeddings[0]?.length === embeddings[1]?.length]).toEqual([2, true])
    expect(usage.tokens).toBeGreaterThan(0)
  })

  describe('is told', () => {
    it('that a model is unknown, with names that are near', async () => {
      const error = await thrown(generateText({ model: provider()(judged.chat.slice(0, -1)), prompt }))
      expect([APICallError.isInstance(error), error]).toEqual([
        true,
        expect.objectContaining({ statusCode: 404, isRetryable: false, message: expect.stringContaining(judged.chat) }),
      ])
    })

    it('that its token is wrong', async () => {
      const error = await thrown(generateText({ model: provider('wrong')('default'), prompt }))
      expect(error).toMatchObject({ statusCode: 401, message: expect.stringContaining('token') })
    })

    it('that its stream broke, and never that it ended', async () => {
      const error = await judged.broken(async (begun) => {
        let text = ''
        const told: unknown[] = []
        const answer = streamText({
          model: provider()('default'),
          prompt,
          maxOutputTokens: 6000,
          onError: ({ error: one }) => void told.push(one),
        })
        for await (const part of answer.fullStream) {
          if (part.type === 'error') throw part.error
          if (part.type !== 'text-delta') continue
          text += part.text
          await begun()
        }
        return text
      })
      expect(error).toBeDefined()
      expect((await generateText({ model: provider()('default'), prompt, maxOutputTokens: 8 })).text).toMatch(judged.says)
    })
  })
})
