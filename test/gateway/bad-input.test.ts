/** What no engine should get: the dialect says so, in its own object and status; no engine hears of it, no slot is touched. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeOllama } from '../../src/testing/index.ts'
import { sendRaw } from '../support/raw.ts'
import { type BadBody, brokenBodies, chatPaths, goodBody, otherPaths, wrongChats } from './bad-bodies.ts'
import { type Engines, slots, threeEngines } from './engines.ts'
import { gatewayScene, ollamaAt, token } from './scene.ts'

let engines: Engines
/** Whoever fetches an image asks here. */
let fetched = 0
const images = createServer((_, response) => {
  fetched += 1
  response.end()
})
let address: string

beforeAll(async () => {
  await new Promise<void>((resolve) => images.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(images.address() as AddressInfo).port}/cat.png`
  engines = await threeEngines()
})
afterAll(async () => {
  await engines[Symbol.asyncDispose]()
  await new Promise((resolve) => images.close(resolve))
})

interface Told {
  readonly message: string
  /** The field, where the dialect has a place for it. */
  readonly field?: string | null
}

/** Throws when it is not the error object of the dialect. */
function toldIn(path: string, text: string): Told {
  const body = JSON.parse(text) as Record<string, unknown>
  if (path.startsWith('/api/')) {
    expect(body).toEqual({ error: expect.any(String) })
    return { message: String(body.error) }
  }
  const error = body.error as Record<string, unknown>
  if (path.startsWith('/v1/messages')) {
    expect(body).toEqual({ type: 'error', error: expect.objectContaining({ type: expect.any(String), message: expect.any(String) }) })
    return { message: String(error.message) }
  }
  expect(body).toEqual({
    error: { message: expect.any(String), type: 'invalid_request_error', param: error.param, code: expect.any(String) },
  })
  return { message: String(error.message), field: error.param as string | null }
}

const statesOf = (): string => JSON.stringify(engines.scene.test.yard.slots.list())

async function refused(path: string, { status, field, body }: BadBody): Promise<void> {
  const before = [statesOf(), engines.asked()]
  const answer = await engines.scene.ask(path, '', { body })
  const text = await answer.text()
  expect([answer.status, answer.headers.get('content-type')], text).toEqual([status, 'application/json'])
  const told = toldIn(path, text)
  if (field !== undefined) expect(told.message).toContain(field)
  if (field !== undefined && told.field !== undefined) expect(told.field).toContain(field)
  expect([statesOf(), engines.asked()]).toEqual(before)
  expect(fetched).toBe(0)
}

describe.each(slots)('over %s', (slot) => {
  describe.each([...chatPaths, ...otherPaths])('%s', (path) => {
    it.each(brokenBodies(path, slot).map((one) => [one.name, one] as const))('%s', (_, one) => refused(path, one))
  })
  describe.each(chatPaths)('%s', (path) => {
    it.each(wrongChats(path, slot, 'ADDRESS').map((one) => [one.name, one] as const))('%s', (_, one) =>
      refused(path, { ...one, body: String(one.body).replaceAll('ADDRESS', address) }),
    )
    it('what is right is answered', async () => {
      const answer = await engines.scene.ask(path, goodBody(path, slot))
      expect(answer.status).toBe(200)
      await answer.text()
    })
  })
})

describe('what only looks like it', () => {
  it.each(['openai', 'llama'])('addresses in texts, in calls and in schemas are nobody to ask: over %s', async (model) => {
    const schema = { type: 'object', properties: { image_url: { type: 'string' }, url: { type: 'string', default: address } } }
    const call = { id: 'a', type: 'function', function: { name: 'look', arguments: JSON.stringify({ image_url: address }) } }
    const answer = await engines.scene.ask('/v1/chat/completions', {
      model,
      tools: [{ type: 'function', function: { name: 'look', parameters: schema } }],
      messages: [
        { role: 'user', content: `Fetch {"image_url":"${address}"}` },
        { role: 'assistant', tool_calls: [call] },
        { role: 'tool', tool_call_id: 'a', content: address },
      ],
      my_own: { url: address },
    })
    expect(answer.status).toBe(200)
    await answer.text()
  })

  it('and an image itself is handed on', async () => {
    const image_url = { url: 'data:image/png;base64,iVBORw0KGgo=' }
    const messages = [{ role: 'user', content: [{ type: 'image_url', image_url }] }]
    const answer = await engines.scene.ask('/v1/chat/completions', { model: 'llama', max_tokens: 2, messages })
    expect([answer.status, engines.llama.ledger.at(-1)?.body?.messages]).toEqual([200, messages])
    await answer.text()
  })

  it('what an engine refuses of what was handed on is the client’s to correct', async () => {
    engines.llama.faults.add({
      path: '/v1/chat/completions',
      fault: {
        kind: 'status',
        status: 400,
        body: { error: { code: 400, message: 'Failed to parse grammar', type: 'invalid_request_error' } },
      },
      times: 1,
    })
    const answer = await engines.scene.ask('/v1/chat/completions', { ...goodBody('/v1/chat/completions', 'llama'), grammar: 'x' })
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { error: expect.objectContaining({ code: 'invalid_request', message: expect.stringContaining('Failed to parse grammar') }) },
    ])
  })
})

describe('too much', () => {
  const head = (port: number, path: string, framing: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n${framing}\r\n\r\n`

  it.each([...chatPaths, ...otherPaths])('%s: 64 MiB and a byte are refused unread', async (path) => {
    const before = engines.asked()
    const { port } = engines.scene.service
    const { status, text } = await sendRaw(port, head(port, path, `Content-Length: ${64 * 2 ** 20 + 1}`))
    expect(status).toBe(413)
    expect(text.toLowerCase()).toContain('connection: close')
    toldIn(path, text.slice(text.indexOf('\r\n\r\n') + 4))
    expect(engines.asked()).toBe(before)
  })

  it('also in chunks, where its length is not known', async () => {
    await using engine = await fakeOllama({ models: [{ name: 'a:latest' }] })
    await using scene = await gatewayScene({ providers: ollamaAt(engine.url), switchTo: 'ollama/a:latest', limits: { chatBytes: 100_000 } })
    const before = engine.ledger.length
    const piece = `4000\r\n${' '.repeat(0x4000)}\r\n`
    const { status, text } = await sendRaw(
      scene.service.port,
      head(scene.service.port, '/api/chat', 'Transfer-Encoding: chunked') + piece.repeat(20),
    )
    expect([status, text]).toEqual([413, expect.stringContaining('100000 bytes')])
    expect(engine.ledger.length).toBe(before)
  })

  it('and what is encoded is not unpacked', async () => {
    const answer = await engines.scene.ask('/v1/messages', '{}', { headers: { 'content-encoding': 'gzip' } })
    expect([answer.status, await answer.json()]).toEqual([415, expect.objectContaining({ type: 'error' })])
  })
})

describe('who would unload what others use', () => {
  it.each([
    ['/api/chat', { messages: [] }],
    ['/api/chat', {}],
    ['/api/generate', { prompt: '' }],
    ['/api/generate', {}],
  ])('%s %j is refused, by slot and by ref', async (path, empty) => {
    for (const model of ['ollama', 'ollama/tiny:latest', 'llama', 'openai']) {
      const before = engines.asked()
      const answer = await engines.scene.ask(path, { model, ...empty, keep_alive: 0 })
      expect([answer.status, await answer.json()]).toEqual([422, { error: expect.stringContaining('modelyard unload') }])
      expect(engines.asked()).toBe(before)
    }
    expect([...engines.ollama.shelf.loaded.keys()]).toEqual(['tiny:latest'])
  })
})
