/** LangChain's classes for OpenAI and for Ollama over every engine. */
import { HumanMessage, ToolMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { ChatOllama, OllamaEmbeddings } from '@langchain/ollama'
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { token } from '../scene.ts'
import { engines, type Judged } from './engines.ts'

const place = z.object({ city: z.enum(['Oslo', 'Rome']), days: z.number().int().min(1).max(14) })
const weather = tool(() => '3 degrees', { name: 'get_weather', description: 'Weather of a place', schema: place })

interface Asked {
  readonly url: string
  readonly model: string
  readonly maxTokens: number
  readonly bearer?: string
}

const classes = [
  {
    name: 'ChatOpenAI',
    chat: ({ url, model, maxTokens, bearer = token }: Asked) =>
      new ChatOpenAI({ model, maxTokens, maxRetries: 0, apiKey: bearer, configuration: { baseURL: `${url}/v1`, logLevel: 'off' } }),
    embeddings: ({ url, model }: Asked) =>
      new OpenAIEmbeddings({ model, apiKey: token, configuration: { baseURL: `${url}/v1`, logLevel: 'off' } }),
  },
  {
    name: 'ChatOllama',
    chat: ({ url, model, maxTokens, bearer = token }: Asked) =>
      new ChatOllama({ model, numPredict: maxTokens, maxRetries: 0, baseUrl: url, headers: { authorization: `Bearer ${bearer}` } }),
    embeddings: ({ url, model }: Asked) => new OllamaEmbeddings({ model, baseUrl: url, headers: { authorization: `Bearer ${token}` } }),
  },
] as const

describe.each(engines)('LangChain over $name', ({ start }) => {
  let judged: Judged

  // Ollama's library says on the console what it could not read.
  beforeEach(() => void vi.spyOn(console, 'warn').mockReturnValue(undefined))
  afterEach(() => void vi.restoreAllMocks())
  beforeAll(async () => {
    judged = await start()
  }, 90_000)
  afterAll(() => judged[Symbol.asyncDispose]())

  describe.each(classes)('$name', ({ chat, embeddings }) => {
    const model = (more: Partial<Asked> = {}) => chat({ url: judged.url, model: 'default', maxTokens: 8, ...more })
    const thrown = async (asking: Promise<unknown>): Promise<Error> => {
      const error = await asking.catch((one: unknown) => one)
      if (error instanceof Error) return error
      return expect.fail(`${JSON.stringify(error)} is no error`)
    }

    it('answers, at once and streamed', async () => {
      const answer = await model().invoke('Hello')
      expect([answer.text, answer.response_metadata]).toEqual([expect.stringMatching(judged.says), expect.any(Object)])
      expect(JSON.parse(JSON.stringify(answer)).kwargs.usage_metadata).toMatchObject({ output_tokens: 8 })
      const pieces: string[] = []
      for await (const piece of await model({ model: judged.chat }).stream('Hello')) pieces.push(piece.text)
      expect([pieces.length > 2, pieces.join('')]).toEqual([true, answer.text])
    })

    it('has tools called, and tells what they said', async () => {
      const asking = model({ maxTokens: 400 }).bindTools([weather])
      const said = await asking.invoke('Hello')
      const [call] = said.tool_calls ?? []
      expect([call?.name, place.safeParse(call?.args).success]).toEqual(['get_weather', true])
      if (!call) return
      const result = new ToolMessage({ content: String(await weather.invoke(call.args as never)), tool_call_id: call.id ?? '' })
      said.tool_calls = [call]
      said.additional_kwargs = {}
      expect((await model().invoke([new HumanMessage('Hello'), said, result])).text).toMatch(judged.says)
    })

    it('gets an answer in the form of its schema', async () => {
      const answer = await (model({ maxTokens: 400 }) as ChatOpenAI).withStructuredOutput(place, { method: 'jsonSchema' }).invoke('Hello')
      expect(place.parse(answer)).toEqual(answer)
    })

    it('gets vectors', async () => {
      const maker = embeddings({ url: judged.url, model: judged.embedder, maxTokens: 0 })
      const [first, second] = await maker.embedDocuments(['Hello', 'world'])
      expect([first?.length === second?.length, (await maker.embedQuery('Hello')).length]).toEqual([true, first?.length])
    })

    it('is told that a model is unknown and that its token is wrong', async () => {
      expect((await thrown(model({ model: judged.chat.slice(0, -1) }).invoke('Hello'))).message).toContain(judged.chat)
      expect((await thrown(model({ bearer: 'wrong' }).invoke('Hello'))).message).toContain('token')
    })

    it('is told that its stream broke, and never that it ended', async () => {
      const error = await judged.broken(async (begun) => {
        let text = ''
        for await (const piece of await model({ maxTokens: 6000 }).stream('Hello')) {
          text += piece.text
          if (text !== '') await begun()
        }
        return text
      })
      expect(error).toBeInstanceOf(Error)
      expect((await model().invoke('Hello')).text).toMatch(judged.says)
    })
  })
})
