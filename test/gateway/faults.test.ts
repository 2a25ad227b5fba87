/** A stream that breaks at any byte, in any way: the client's library says so, and the lease is back. */
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type FakeServer, fakeOllama, fakeOpenAi } from '../../src/testing/index.ts'
import { type Break, type FaultyRelay, faultyRelay } from './faulty-relay.ts'
import { gatewayScene, ollamaAt, openaiAt, type Scene, token } from './scene.ts'

const messages = [{ role: 'user' as const, content: 'Hello' }]
const short = 2

interface Case {
  readonly name: string
  readonly chatPath: string
  readonly model: string
  engine(): Promise<FakeServer>
  providers(url: string): NonNullable<Parameters<typeof gatewayScene>[0]>['providers']
  /** Reads one streamed answer to its end with the library of the dialect. Throws what that throws. */
  read(url: string): Promise<string>
}

const cases: Case[] = [
  {
    name: 'OpenAI',
    chatPath: '/v1/chat/completions',
    model: 'other/tiny',
    engine: () => fakeOpenAi({ models: [{ name: 'tiny' }] }),
    providers: openaiAt,
    async read(url) {
      const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: token, maxRetries: 0, logLevel: 'off' })
      let text = ''
      for await (const chunk of await client.chat.completions.create({ model: 'default', messages, stream: true, max_tokens: short }))
        text += chunk.choices[0]?.delta.content ?? ''
      return text
    },
  },
  {
    name: 'Ollama',
    chatPath: '/api/chat',
    model: 'ollama/tiny:latest',
    engine: () => fakeOllama({ models: [{ name: 'tiny:latest' }] }),
    providers: ollamaAt,
    async read(url) {
      const client = new Ollama({ host: url, headers: { authorization: `Bearer ${token}` } })
      let text = ''
      for await (const part of await client.chat({ model: 'default', messages, stream: true, options: { num_predict: short } }))
        text += part.message.content
      return text
    },
  },
]

// Ollama's library says on the console what it could not read.
beforeAll(() => void vi.spyOn(console, 'warn').mockReturnValue(undefined))
afterAll(() => void vi.restoreAllMocks())

describe.each(cases)('$name, handed on', ({ chatPath, model, engine: start, providers, read }) => {
  let engine: FakeServer
  let relay: FaultyRelay
  let scene: Scene
  let whole: number
  let text: string

  beforeAll(async () => {
    engine = await start()
    relay = await faultyRelay(engine.url, chatPath)
    scene = await gatewayScene({ providers: providers(relay.url), switchTo: model, limits: { idleMs: 150, firstByteMs: 150 } })
    text = await read(scene.url)
    const [dialect] = scene.test.yard.admission.tryEnter('default')?.provider.dialects() ?? []
    expect(dialect).toBeDefined()
    whole = (await bytesOf(engine, chatPath)).length
  })
  afterAll(async () => {
    await scene[Symbol.asyncDispose]()
    await relay[Symbol.asyncDispose]()
    await engine.close()
  })

  const leases = (): number => scene.test.yard.slots.get('default').leases - 1

  it.each<[Break, number]>([
    ['reset', 3],
    ['end', 3],
    ['bad-chunk', 7],
    ['stall', 80],
  ])('%s, at every %i. byte', async (how, step) => {
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

  it('no lease and no connection is left', async () => {
    await expect.poll(() => relay.open).toBe(0)
    expect(leases()).toBe(0)
  })
})

async function bytesOf({ url }: FakeServer, path: string): Promise<Buffer> {
  const limits = path.startsWith('/api') ? { options: { num_predict: short } } : { max_tokens: short }
  const body = JSON.stringify({ model: path.startsWith('/api') ? 'tiny:latest' : 'tiny', messages, stream: true, ...limits })
  const answer = await fetch(url + path, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
  return Buffer.from(await answer.arrayBuffer())
}
