/** Tools and forms of an answer go all the way: from the client and the door through a slot to an engine, and back. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createClient } from '../../src/client/index.ts'
import { type Listening, listen } from '../../src/server/listen.ts'
import { type FakeOllama, fakeOllama } from '../../src/testing/fakes/fake-ollama.ts'
import { type FakeOpenAi, fakeOpenAi } from '../../src/testing/fakes/fake-openai.ts'
import { type TestYard, testYard } from '../support/test-yard.ts'

const token = 'a-token-for-this-test-only'

let ollama: FakeOllama
let vllm: FakeOpenAi
let test: TestYard
let service: Listening

beforeEach(async () => {
  ollama = await fakeOllama({ models: [{ name: 'alpha', tools: true, reasoning: true }, { name: 'toolless' }] })
  vllm = await fakeOpenAi({ models: [{ name: 'beta', reasoning: true }] })
  test = await testYard({
    providers: {
      ollama: { enabled: true, baseUrl: ollama.url },
      vllm: { kind: 'openai-compatible', enabled: true, baseUrl: `${vllm.url}/v1` },
    },
  })
  const tokens = { matches: (candidate: string) => candidate === token, onRotate: () => () => {} }
  service = await listen({ yard: test.yard, host: '127.0.0.1', port: 0, allowedHosts: [], allowedOrigins: [], tokens, log: () => {} })
})
afterEach(async () => {
  await service.close(0)
  await test[Symbol.asyncDispose]()
  await ollama.close()
  await vllm.close()
})

const weather = {
  name: 'weather',
  description: 'Tells the weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}
const question = { role: 'user' as const, content: 'How is the weather?' }
const slot = () => createClient({ url: service.url, token }).slot('default')
const chat = () => slot().chat()

async function use(ref: string): Promise<void> {
  expect(await slot().switch(ref)).toMatchObject({ outcome: 'switched' })
}

const engines = [
  ['ollama/alpha', () => ollama],
  ['vllm/beta', () => vllm],
] as const

describe.each(engines)('over %s', (ref, engine) => {
  it('a tool is called, its result goes back, and the answer comes', async () => {
    await use(ref)
    const asked = await chat().complete({ messages: [question], tools: [weather] })
    expect(asked).toMatchObject({ text: '', finishReason: 'tool_calls', toolCalls: [{ name: 'weather', arguments: '{"city":"text"}' }] })
    const [call] = asked.toolCalls
    const answered = { role: 'tool' as const, toolCallId: call?.id ?? '', content: 'Rain.' }
    const talk = [question, { role: 'assistant' as const, content: '', toolCalls: [...asked.toolCalls] }, answered]
    const answer = await chat().complete({ messages: talk, tools: [weather], maxTokens: 3 })
    expect(answer).toMatchObject({ finishReason: 'length', toolCalls: [] })
    const sent = engine().ledger.at(-1)?.body?.messages as { role: string; tool_call_id?: string }[]
    expect(sent.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool'])
    expect(sent[2]?.tool_call_id).toBe(call?.id)
  })

  it('calls and thoughts are events of the stream, in their order', async () => {
    await use(ref)
    engine().shelf.script.push({
      thoughts: 'I look.',
      text: 'A moment.',
      calls: [
        { name: 'weather', arguments: { city: 'Köln' } },
        { name: 'weather', arguments: {} },
      ],
    })
    const answer = await fetch(`${service.url}/yard/v1/slots/default/chat`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [question], tools: [weather] }),
    })
    const events = (await answer.text())
      .split('\n\n')
      .filter(Boolean)
      .map((block) => JSON.parse(block.replace(/^data: /, '')))
    const kinds = events.map(({ type, index }) => (index === undefined ? type : `${type} ${index}`))
    expect(kinds.filter((kind, at) => kind !== kinds[at - 1])).toEqual([
      'start',
      'reasoning',
      'delta',
      'tool_call 0',
      'tool_arguments 0',
      'tool_call 1',
      'tool_arguments 1',
      'end',
    ])
    const written = (at: number) => events.filter(({ type, index }) => type === 'tool_arguments' && index === at).map(({ text }) => text)
    expect([written(0).join(''), written(1).join('')]).toEqual(['{"city":"Köln"}', '{}'])
    expect(events.at(-1)).toMatchObject({ finishReason: 'tool_calls' })
  })

  it('the answer has the form that was asked for', async () => {
    await use(ref)
    const schema = { type: 'object', properties: { good: { type: 'boolean' }, degrees: { type: 'integer' } } }
    const { text, finishReason } = await chat().complete({ messages: [question], format: { type: 'schema', schema } })
    expect([JSON.parse(text), finishReason]).toEqual([{ good: true, degrees: 1 }, 'stop'])
  })

  it('what is asked in no form that is known is refused by its name, and no engine is asked', async () => {
    await use(ref)
    const before = engine().ledger.length
    await expect(chat().complete({ messages: [question], toolChoice: { name: 'other' }, tools: [weather] })).rejects.toMatchObject({
      code: 'invalid_request',
      details: { field: 'toolChoice.name' },
    })
    expect(
      engine()
        .ledger.slice(before)
        .filter(({ path }) => path.includes('chat')),
    ).toEqual([])
  })
})

it('a model without tools says so', async () => {
  await use('ollama/toolless')
  await expect(chat().complete({ messages: [question], tools: [weather] })).rejects.toMatchObject({ code: 'unsupported_operation' })
})
