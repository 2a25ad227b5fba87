/** How probable tokens were: through every dialect that can say it, and over real sockets from engines to clients. */
import fc from 'fast-check'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import { gathered, gatherParts, type Logprob } from '../../src/contract/index.ts'
import { anthropicMessages } from '../../src/gateway/anthropic/index.ts'
import type { ChatDialect } from '../../src/gateway/dialect.ts'
import { ollamaChat, ollamaGenerate } from '../../src/gateway/ollama/index.ts'
import { openaiChat } from '../../src/gateway/openai/index.ts'
import { createReading } from '../../src/providers/ollama/answer-reading.ts'
import { createAnswerReading } from '../../src/providers/openai-chat/answer-reading.ts'
import type { ChatPart } from '../../src/providers/provider.ts'
import { answering, piecesOf, writeAll } from './answering.ts'
import { type Engines, threeEngines } from './engines.ts'
import { logprobs, someText } from './neutral-chats.ts'
import { type Scene, token } from './scene.ts'

type Said = Extract<ChatPart, { type: 'delta' | 'reasoning' }>

const saidParts = fc.array(
  fc.oneof(
    fc.record({ type: fc.constantFrom('delta' as const, 'reasoning' as const), text: someText }),
    fc.record({ type: fc.constantFrom('delta' as const, 'reasoning' as const), text: someText, logprobs }),
    fc.record({ type: fc.constant('delta' as const), text: fc.constant(''), logprobs }),
  ),
  { maxLength: 6 },
) as fc.Arbitrary<Said[]>
const answerOf = (said: readonly Said[]): ChatPart[] => [{ type: 'start' }, ...said, { type: 'end', finishReason: 'stop' }]

/** What an engine of the dialect that wrote this would be understood to have said. */
const readers = {
  openai(stream: string): ChatPart[] {
    const reading = createAnswerReading({ label: 'It' }, { nameOf: (name) => name, logprobs: 20 })
    return stream
      .split('\n\n')
      .filter((event) => event !== '')
      .flatMap((event) => reading.take({ data: event.slice('data: '.length), error: false }))
  },
  ollama(stream: string): ChatPart[] {
    const reading = createReading({ model: 'm', logprobs: 20 })
    return stream
      .split('\n')
      .filter((line) => line !== '')
      .flatMap((line) => reading.take(line))
  },
}
const saidIn = (parts: readonly ChatPart[]): ChatPart[] => parts.filter(({ type }) => type === 'delta' || type === 'reasoning')

describe('an answer with them', () => {
  it.each<[keyof typeof readers, ChatDialect]>([
    ['openai', openaiChat],
    ['ollama', ollamaChat],
  ])('is the same answer again, streamed and whole: %s', (name, dialect) => {
    fc.assert(
      fc.property(saidParts, (said) => {
        expect(saidIn(readers[name](writeAll(dialect.writer(answering(), {}), answerOf(said))))).toEqual(said)
        const gathering = gatherParts()
        for (const part of said) gathering.add(part)
        const all = gathered(gathering)
        const whole = dialect.whole(answering(), {}, { ...all, finishReason: 'stop' })
        const read = name === 'openai' ? `data: ${JSON.stringify(whole)}` : JSON.stringify(whole)
        const again = gatherParts()
        for (const part of saidIn(readers[name](read))) again.add(part as Said)
        expect(gathered(again)).toEqual(all)
      }),
      { numRuns: 150 },
    )
  })

  const some: Logprob[] = [
    { token: 'H', logprob: -0.5, bytes: [72], top: [{ token: 'H', logprob: -0.5 }] },
    { token: 'i', logprob: -1, top: [] },
  ]
  const part: ChatPart = { type: 'delta', text: 'Hi', logprobs: some }
  const openaiForm = {
    content: [
      { token: 'H', logprob: -0.5, bytes: [72], top_logprobs: [{ token: 'H', logprob: -0.5, bytes: null }] },
      { token: 'i', logprob: -1, bytes: null, top_logprobs: [] },
    ],
    refusal: null,
  }
  const ollamaForm = [
    { token: 'H', logprob: -0.5, bytes: [72], top_logprobs: [{ token: 'H', logprob: -0.5 }] },
    { token: 'i', logprob: -1 },
  ]

  it.each<[string, ChatDialect, object]>([
    ['OpenAI', openaiChat, { choices: [{ index: 0, delta: { content: 'Hi' }, logprobs: openaiForm, finish_reason: null }] }],
    ['/api/chat', ollamaChat, { message: { role: 'assistant', content: 'Hi' }, logprobs: ollamaForm, done: false }],
    ['/api/generate', ollamaGenerate, { response: 'Hi', logprobs: ollamaForm, done: false }],
  ])('has the form of its dialect: %s', (_, dialect, form) => {
    const [piece] = piecesOf(dialect.writer(answering(), {}).write(part)) as object[]
    expect(piece).toMatchObject(form)
    const whole = dialect.whole(answering(), {}, { text: 'Hi', reasoning: '', toolCalls: [], logprobs: some, finishReason: 'stop' })
    const { choices: [choice] = [whole] } = whole as { choices?: unknown[] }
    expect(choice).toMatchObject({ logprobs: dialect === openaiChat ? openaiForm : ollamaForm })
  })

  it('says nothing of them where the dialect has no word', () => {
    const writer = anthropicMessages.writer(answering(), {})
    writer.write({ type: 'start' })
    expect(writer.write({ type: 'delta', text: '', logprobs: some })).toBe('')
    expect(writer.write(part)).not.toContain('logprob')
  })
})

const held: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of held.splice(0).reverse()) await one[Symbol.asyncDispose]()
})
async function engines(model: Parameters<typeof threeEngines>[0] = {}): Promise<Engines> {
  const all = await threeEngines(model)
  held.push(all)
  return all
}

const messages = [{ role: 'user' as const, content: 'Hello' }]
/** Tokens that the fakes say, and the alternatives in the place of each. */
const tokensOf = (model: string, count: number, top: number): unknown[] =>
  Array.from({ length: count }, (_, index) => {
    const said = `${model}#${index} `
    return [said, -0.25, Array.from({ length: top }, (_one, rank) => (rank === 0 ? said : `${said}?${rank}`))]
  })
const lastBody = (engine: Engines['openai' | 'ollama' | 'llama'], path: string) =>
  engine.ledger.filter((one) => one.path === path).at(-1)?.body

describe("OpenAI's own client over Ollama", () => {
  const client = ({ url }: Scene): OpenAI => new OpenAI({ baseURL: `${url}/v1`, apiKey: token, maxRetries: 0 })
  type Told = { content: { token: string; logprob: number; top_logprobs: { token: string }[] }[] | null } | null | undefined
  const plain = (told: Told) =>
    told?.content?.map(({ token: one, logprob, top_logprobs: top }) => [one, logprob, top.map((alternative) => alternative.token)])

  it('reads them from a stream, thoughts included', async () => {
    const { scene, ollama } = await engines({ model: { reasoning: true } })
    const asked = { model: 'ollama', messages, max_tokens: 4, logprobs: true, top_logprobs: 2 }
    const all: unknown[] = []
    for await (const chunk of await client(scene).chat.completions.create({ ...asked, stream: true }))
      all.push(...(plain(chunk.choices[0]?.logprobs) ?? []))
    expect(all).toEqual(tokensOf('tiny:latest', 4, 2))
    expect(lastBody(ollama, '/api/chat')).toMatchObject({ logprobs: true, top_logprobs: 2 })
  })

  it('reads them from a whole answer, without alternatives where it asked for none, and none unasked', async () => {
    const { scene } = await engines()
    const asked = { model: 'ollama', messages, max_tokens: 3 }
    const { choices } = await client(scene).chat.completions.create({ ...asked, logprobs: true })
    expect(plain(choices[0]?.logprobs)).toEqual(tokensOf('tiny:latest', 3, 0))
    expect((await client(scene).chat.completions.create(asked)).choices[0]?.logprobs).toBeNull()
  })

  it('is told that alternatives alone are not to be had, in its own words', async () => {
    const { scene, asked } = await engines()
    const before = asked()
    const failed = client(scene).chat.completions.create({ model: 'ollama', messages, top_logprobs: 2 })
    await expect(failed).rejects.toMatchObject({ status: 400, param: 'top_logprobs', type: 'invalid_request_error' })
    expect(asked()).toBe(before)
  })
})

describe("Ollama's own client over engines that speak OpenAI's dialect", () => {
  const client = ({ url }: Scene): Ollama => new Ollama({ host: url, headers: { authorization: `Bearer ${token}` } })
  type Told = { token: string; logprob: number; top_logprobs?: { token: string }[] }[] | undefined
  const plain = (told: Told) =>
    told?.map(({ token: one, logprob, top_logprobs: top = [] }) => [one, logprob, top.map((alternative) => alternative.token)])
  const asking = { options: { num_predict: 3 }, logprobs: true, top_logprobs: 2 }

  it.each(['openai', 'llama'] as const)('reads them from a chat and from a prompt, streamed and whole: %s', async (model) => {
    const { scene } = await engines()
    const ollama = client(scene)
    const expected = tokensOf('tiny', 3, 2)
    const [chat, prompt]: unknown[][] = [[], []]
    for await (const piece of await ollama.chat({ ...asking, model, messages, stream: true })) chat?.push(...(plain(piece.logprobs) ?? []))
    for await (const piece of await ollama.generate({ ...asking, model, prompt: 'Hello', stream: true }))
      prompt?.push(...(plain(piece.logprobs) ?? []))
    expect([chat, prompt]).toEqual([expected, expected])
    expect(plain((await ollama.chat({ ...asking, model, messages })).logprobs)).toEqual(expected)
    expect(plain((await ollama.generate({ ...asking, model, prompt: 'Hello' })).logprobs)).toEqual(expected)
  })

  it.each(['openai', 'llama'] as const)('reads no alternatives where it asked for none, and nothing unasked: %s', async (model) => {
    const { scene } = await engines()
    const ollama = client(scene)
    expect(plain((await ollama.chat({ ...asking, model, messages, top_logprobs: 0 })).logprobs)).toEqual(tokensOf('tiny', 3, 0))
    expect(await ollama.chat({ model, messages })).not.toHaveProperty('logprobs')
  })

  it('is refused where its engine would refuse, before the engine is asked', async () => {
    const { scene, asked } = await engines({ model: { tools: true } })
    const before = asked()
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }]
    const answer = await scene.ask('/api/chat', { ...asking, model: 'llama', messages, tools })
    expect([answer.status, await answer.json()]).toEqual([400, { error: expect.stringContaining('llama.cpp does not tell how probable') }])
    expect(asked()).toBe(before)
  })
})

it('our own chat streams them as they are', async () => {
  const { scene } = await engines()
  const answer = await scene.ask('/yard/v1/slots/ollama/chat', { messages, maxTokens: 2, logprobs: 1 })
  const events = piecesOf(await answer.text()) as { type: string; logprobs?: Logprob[] }[]
  expect(events.flatMap((event) => (event.type === 'delta' ? (event.logprobs ?? []) : []))).toEqual(
    [0, 1].map((index) => {
      const one = { token: `tiny:latest#${index} `, logprob: -0.25, bytes: [...Buffer.from(`tiny:latest#${index} `)] }
      return { ...one, top: [one] }
    }),
  )
})
