/** What real engines streamed, through the gateway, in each dialect that can carry it: as it came, or said in the client's words. */
import { afterEach, describe, expect, it } from 'vitest'
import type { ConfigFile } from '../../src/contract/index.ts'
import { type FakeServer, fakeLlamaServer, fakeOllama, fakeOpenAi } from '../../src/testing/index.ts'
import { recording } from '../providers/openai-chat/scripted-engine.ts'
import { goodBody } from './bad-bodies.ts'
import { faultyRelay, type Replayed } from './faulty-relay.ts'
import { gatewayScene, llamaAt, ollamaAt, openaiAt, type Scene } from './scene.ts'
import { textOfStream } from './well-formed.ts'

interface Engine {
  start(): Promise<FakeServer>
  providers(url: string): ConfigFile['providers']
  readonly ref: string
}

const ollama: Engine = {
  start: () => fakeOllama({ models: [{ name: 'tiny-a:latest' }] }),
  providers: ollamaAt,
  ref: 'ollama/tiny-a:latest',
}
const openai: Engine = {
  start: () => fakeOpenAi({ models: [{ name: 'tiny-a', contextLength: 256 }] }),
  providers: openaiAt,
  ref: 'other/tiny-a',
}
const swap: Engine = {
  start: () => fakeOpenAi({ ownedBy: 'llama-swap', models: [{ name: 'tiny-b' }] }),
  providers: openaiAt,
  ref: 'other/tiny-b',
}
const llama: Engine = {
  start: () => fakeLlamaServer({ models: [{ name: 'tiny-a' }] }),
  providers: llamaAt,
  ref: 'llamacpp/models/tiny-a.gguf',
}
const router: Engine = {
  start: () => fakeLlamaServer({ router: true, models: [{ name: 'tiny-a' }] }),
  providers: llamaAt,
  ref: 'llamacpp/tiny-a',
}

const chats = ['/v1/chat/completions', '/v1/messages', '/api/chat', '/api/generate'] as const

const recordings: readonly { readonly file: string; readonly engine: Engine; readonly routes: readonly string[] }[] = [
  { file: 'ollama/0.32.15/28-chat-stream.json', engine: ollama, routes: chats.slice(0, 3) },
  { file: 'ollama/0.32.15/29-generate-stream.json', engine: ollama, routes: ['/api/generate'] },
  { file: 'ollama/0.32.15/50-v1-chat-stream.json', engine: openai, routes: chats },
  { file: 'ollama/0.32.15/56-v1-responses-stream.json', engine: openai, routes: ['/v1/responses'] },
  { file: 'ollama/0.32.15/58-v1-messages-stream.json', engine: router, routes: ['/v1/messages'] },
  { file: 'llama-server/0c1e570/12-v1-chat-stream.json', engine: llama, routes: ['/v1/chat/completions', '/api/chat', '/api/generate'] },
  { file: 'llama-server/0c1e570/21-v1-messages-stream.json', engine: llama, routes: ['/v1/messages'] },
  { file: 'llama-swap/v250/10-v1-chat-swaps-stream.json', engine: swap, routes: chats },
]

/** With nobody at its end, or no model. */
const broken: typeof recordings = [
  { file: 'ollama/0.32.15/31-chat-client-gone.json', engine: ollama, routes: chats.slice(0, 3) },
  { file: 'ollama/0.32.15-faults/05-chat-broken-stream.json', engine: ollama, routes: chats.slice(0, 3) },
  { file: 'ollama/0.32.15-faults/06-v1-chat-broken-stream.json', engine: openai, routes: chats },
  { file: 'ollama/0.32.15/52-v1-chat-unknown-stream.json', engine: openai, routes: chats },
]

const held: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of held.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

async function replaying(file: string, engine: Engine): Promise<{ scene: Scene; path: string; replayed: Replayed }> {
  const { request, response } = recording(file)
  const fake = await engine.start()
  held.push(fake)
  const relay = await faultyRelay(fake.url, request.path)
  held.push(relay)
  const scene = await gatewayScene({ providers: engine.providers(relay.url), switchTo: engine.ref })
  held.push(scene)
  const chunks = response.chunks ?? [JSON.stringify(response.json)]
  const replayed = { status: response.status, headers: response.headers, chunks, cut: response.ended !== 'end' }
  relay.plan = replayed
  return { scene, path: request.path, replayed }
}

const ways = (of: typeof recordings) => of.flatMap(({ file, engine, routes }) => routes.map((route) => [file, route, engine] as const))
const ask = (scene: Scene, route: string): Promise<Response> => scene.ask(route, { ...goodBody(route, 'default'), stream: true })

describe('a stream of a real engine', () => {
  it.each(ways(recordings))('%s as %s', async (file, route, engine) => {
    const { scene, path, replayed } = await replaying(file, engine)
    const answer = await ask(scene, route)
    const text = await answer.text()
    expect(answer.status, text).toBe(200)
    const whole = replayed.chunks.join('')
    expect(textOfStream(route, text)).toBe(textOfStream(path, whole))
    if (route === path) expect(text).toBe(whole)
    expect(scene.test.yard.slots.get('default').leases).toBe(0)
  })

  it.each(ways(broken))('%s as %s is an error', async (file, route, engine) => {
    const { scene, replayed } = await replaying(file, engine)
    const answer = await ask(scene, route)
    const text = await answer.text()
    expect(text).toMatch(/(?:^|\n)(?:event: error\n)?(?:data: )?\{[^\n]*"error"/)
    expect(text).not.toMatch(/\[DONE\]|message_stop|"done": ?true|\/var\/lib/)
    if (!replayed.cut) expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(scene.test.yard.slots.get('default').leases).toBe(0)
  })
})
