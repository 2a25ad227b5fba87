/** A stream that breaks at any byte, in any way: the client's library says so, and the lease is back. */
import Anthropic from '@anthropic-ai/sdk'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type FakeServer, type Fault, fakeLlamaServer, fakeOllama, fakeOpenAi } from '../../src/testing/index.ts'
import { type Break, type FaultyRelay, faultyRelay } from './faulty-relay.ts'
import { gatewayScene, llamaAt, ollamaAt, openaiAt, type Scene, token } from './scene.ts'

const messages = [{ role: 'user' as const, content: 'Hello' }]
const short = 2

/** Reads one streamed answer to its end with the library of the dialect. Throws what that throws. */
type Reader = (url: string) => Promise<string>

async function withOpenAi(url: string): Promise<string> {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: token, maxRetries: 0, logLevel: 'off' })
  let text = ''
  for await (const chunk of await client.chat.completions.create({ model: 'default', messages, stream: true, max_tokens: short }))
    text += chunk.choices[0]?.delta.content ?? ''
  return text
}

async function withAnthropic(url: string): Promise<string> {
  const client = new Anthropic({ baseURL: url, apiKey: token, maxRetries: 0, logLevel: 'off' })
  const message = await client.messages.stream({ model: 'default', messages, max_tokens: short }).finalMessage()
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
}

async function withOllama(url: string): Promise<string> {
  const client = new Ollama({ host: url, headers: { authorization: `Bearer ${token}` } })
  let text = ''
  for await (const part of await client.chat({ model: 'default', messages, stream: true, options: { num_predict: short } }))
    text += part.message.content
  return text
}

interface Engine {
  readonly chatPath: string
  readonly model: string
  start(): Promise<FakeServer>
  providers(url: string): NonNullable<Parameters<typeof gatewayScene>[0]>['providers']
}

const openai: Engine = {
  chatPath: '/v1/chat/completions',
  model: 'other/tiny',
  // One that says which context it runs with is one whose word for the model counts.
  start: () => fakeOpenAi({ models: [{ name: 'tiny', contextLength: 4096 }] }),
  providers: openaiAt,
}
const ollama: Engine = {
  chatPath: '/api/chat',
  model: 'ollama/tiny:latest',
  start: () => fakeOllama({ models: [{ name: 'tiny:latest' }] }),
  providers: ollamaAt,
}
const llama: Engine = {
  chatPath: '/v1/messages',
  model: 'llamacpp/models/tiny.gguf',
  start: () => fakeLlamaServer({ models: [{ name: 'tiny' }] }),
  providers: llamaAt,
}

interface Case extends Engine {
  readonly name: string
  readonly read: Reader
  /** Between the bytes that are tried; more where each is dear. */
  readonly steps: Readonly<Record<Break, number>>
}

const often = { reset: 7, end: 7, 'bad-chunk': 11, stall: 300 }
const seldom = { reset: 37, end: 37, 'bad-chunk': 53, stall: 600 }

const cases: Case[] = [
  { name: 'OpenAI, handed on', ...openai, read: withOpenAi, steps: often },
  { name: 'Ollama, handed on', ...ollama, read: withOllama, steps: often },
  { name: 'Anthropic, handed on', ...llama, read: withAnthropic, steps: { ...often, reset: 11, end: 11 } },
  { name: 'Anthropic over OpenAI', ...openai, read: withAnthropic, steps: seldom },
  { name: 'Anthropic over Ollama', ...ollama, read: withAnthropic, steps: seldom },
  { name: 'OpenAI over Ollama', ...ollama, read: withOpenAi, steps: seldom },
  { name: 'Ollama over OpenAI', ...openai, read: withOllama, steps: seldom },
]

// Ollama's library says on the console what it could not read.
beforeAll(() => void vi.spyOn(console, 'warn').mockReturnValue(undefined))
afterAll(() => void vi.restoreAllMocks())

describe.each(cases)('$name', ({ chatPath, model, start, providers, read, steps }) => {
  let engine: FakeServer
  let relay: FaultyRelay
  let scene: Scene
  let whole: number
  let text: string

  beforeAll(async () => {
    engine = await start()
    relay = await faultyRelay(engine.url, chatPath)
    scene = await gatewayScene({ providers: providers(relay.url), switchTo: model, limits: { idleMs: 400, firstByteMs: 400 } })
    text = await read(scene.url)
    whole = relay.whole
  })
  afterAll(async () => {
    await scene[Symbol.asyncDispose]()
    await relay[Symbol.asyncDispose]()
    await engine.close()
  })

  const leases = (): number => scene.test.yard.slots.get('default').leases

  it.each(Object.entries(steps) as [Break, number][])('%s, at every %i. byte', async (how, step) => {
    for (let at = 0; at < whole - 2; at += step) {
      relay.plan = { at, how }
      const ended = await read(scene.url).then(
        (got) => `said ${JSON.stringify(got)} without an error`,
        () => 'error',
      )
      expect(`${how} at ${at}: ${ended}`).toBe(`${how} at ${at}: error`)
      expect(leases()).toBe(0)
    }
    relay.plan = undefined
    expect(await read(scene.url)).toBe(text)
  })

  it('both lengths in one head, and a head that is none', async () => {
    for (const raw of [
      'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\ndata:\r\n0\r\n\r\n',
      'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef',
      'hello\r\n\r\n',
    ]) {
      relay.plan = { raw }
      await expect(read(scene.url)).rejects.toThrow()
      expect(leases()).toBe(0)
    }
    relay.plan = undefined
    expect(await read(scene.url)).toBe(text)
  })

  it.each<Fault>([
    { kind: 'error-inside', message: 'the GPU is gone', after: 0 },
    { kind: 'error-inside', message: 'the GPU is gone', after: 1 },
    { kind: 'wrong-model', model: 'another' },
    { kind: 'nothing' },
  ])('%j of the engine itself', async (fault) => {
    engine.faults.add({ path: chatPath, fault })
    const ended = await read(scene.url).then(
      (got) => got,
      (error: unknown) => error,
    )
    engine.faults.clear()
    // An answer of nothing is one.
    if (fault.kind === 'nothing') expect(ended).toBe('')
    else expect(ended).toBeInstanceOf(Error)
    if (fault.kind === 'error-inside') expect(String(ended)).toContain('the GPU is gone')
    expect(leases()).toBe(0)
    expect(await read(scene.url)).toBe(text)
  })

  it('no lease and no connection is left', async () => {
    await expect.poll(() => relay.open).toBe(0)
    expect(leases()).toBe(0)
  })
})
