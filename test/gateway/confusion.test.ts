/** Requests that two readers could read differently, and headers that are nobody's but the connection's: refused, or left where they came from. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Fault, fakeOpenAi } from '../../src/testing/index.ts'
import { deferred } from '../../src/util/deferred.ts'
import { sendRaw } from '../support/raw.ts'
import { rawDialog, statusesIn } from '../support/raw-dialog.ts'
import { goodBody } from './bad-bodies.ts'
import { type EngineName, type Engines, slots, threeEngines } from './engines.ts'
import { faultyRelay } from './faulty-relay.ts'
import { gatewayScene, openaiAt, token } from './scene.ts'

let engines: Engines
let port: number
let before: number

beforeAll(async () => {
  engines = await threeEngines()
  port = engines.scene.service.port
  before = engines.asked()
})
afterAll(() => engines[Symbol.asyncDispose]())

const path = '/v1/chat/completions'
const body = JSON.stringify(goodBody(path, 'openai'))
const length = Buffer.byteLength(body)
const usual = (): string => `Host: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`
const post = (headers: string, text = body, end = ''): string => `POST ${path} HTTP/1.1\r\n${usual()}${end}${headers}\r\n\r\n${text}`
const get = (of: string, headers = ''): string => `GET ${of} HTTP/1.1\r\n${usual()}${headers}\r\n`
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`

const confusing: readonly (readonly [string, () => string])[] = [
  ['two lengths that differ', () => post(`Content-Length: ${length}\r\nContent-Length: ${length + 9}`)],
  ['two lengths that agree', () => post(`Content-Length: ${length}\r\nContent-Length: ${length}`)],
  ['two lengths in one', () => post(`Content-Length: ${length}, ${length}`)],
  ['a length with a sign', () => post(`Content-Length: +${length}`)],
  ['a length below nothing', () => post('Content-Length: -1')],
  ['a length in hex', () => post(`Content-Length: 0x${length.toString(16)}`)],
  ['a length with something behind it', () => post(`Content-Length: ${length}x`)],
  ['a length and chunks', () => post(`Content-Length: ${length}\r\nTransfer-Encoding: chunked`, `${chunk(body)}0\r\n\r\n`)],
  ['chunks and a length', () => post(`Transfer-Encoding: chunked\r\nContent-Length: 5`, `${chunk(body)}0\r\n\r\n`)],
  ['an encoding that is none', () => post('Transfer-Encoding: xchunked', `${chunk(body)}0\r\n\r\n`)],
  ['chunked before another', () => post('Transfer-Encoding: chunked, identity', `${chunk(body)}0\r\n\r\n`)],
  ['chunked twice', () => post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', `${chunk(body)}0\r\n\r\n`)],
  ['chunked with a tab before it', () => post('Transfer-Encoding: \x0bchunked', `${chunk(body)}0\r\n\r\n`)],
  ['a space before the colon', () => post('Transfer-Encoding : chunked', `${chunk(body)}0\r\n\r\n`)],
  ['a header that goes on in the next line', () => post(`Content-Length: ${length}\r\nX-One: a\r\n b`)],
  ['a chunk of a wrong size', () => post('Transfer-Encoding: chunked', `0x${length.toString(16)}\r\n${body}\r\n0\r\n\r\n`)],
  ['a chunk of a size below nothing', () => post('Transfer-Encoding: chunked', `-1\r\n${body}\r\n0\r\n\r\n`)],
  ['a chunk longer than it says', () => post('Transfer-Encoding: chunked', `5\r\n${body}\r\n0\r\n\r\n`)],
  ['a chunk of more than 64 bits', () => post('Transfer-Encoding: chunked', `fffffffffffffffff\r\n${body}\r\n0\r\n\r\n`)],
  ['bare LF everywhere', () => post(`Content-Length: ${length}`).replaceAll('\r\n', '\n')],
  ['bare LF at one header', () => post(`X-One: a\nContent-Length: ${length}`)],
  ['bare CR at one header', () => post(`X-One: a\rContent-Length: 3\r\nContent-Length: ${length}`)],
  ['a header with a zero in it', () => post(`X-One: a\0b\r\nContent-Length: ${length}`)],
  ['two Hosts', () => post(`Host: evil.example\r\nContent-Length: ${length}`)],
  ['two tokens', () => post(`Authorization: Bearer other\r\nContent-Length: ${length}`)],
  ['a connection that takes the token off', () => post(`Connection: authorization\r\nContent-Length: ${length}`)],
  ['a connection that takes the length off', () => post(`Connection: close, content-length\r\nContent-Length: ${length}`)],
  ['a connection that takes the host off', () => post(`Connection: keep-alive\r\nConnection: HOST\r\nContent-Length: ${length}`)],
]

describe('what two readers could read differently', () => {
  it.each(confusing)('%s', async (_, bytes) => {
    const { status, text } = await sendRaw(port, bytes())
    expect([0, 400, 403], text.slice(0, 200)).toContain(status)
    expect(engines.asked()).toBe(before)
  })

  it('a connection that says what connections say is let in', async () => {
    for (const header of ['Connection: Keep-Alive, TE\r\nTE: trailers\r\n', 'Connection: close\r\n'])
      expect((await sendRaw(port, get('/api/version', header))).status).toBe(200)
  })
})

describe('several requests on one connection', () => {
  it('are answered in their order, never merged', async () => {
    const until = deferred<undefined>()
    engines.openai.faults.add({ path, fault: { kind: 'hold', until: until.promise }, times: 1 })
    const asked = engines.asked()
    const dialog = rawDialog(
      port,
      post(`Content-Length: ${length}`) +
        get('/api/version') +
        post(`Content-Length: ${length - 4}`, body.slice(0, -4)) +
        get('/api/ps', 'Connection: close\r\n'),
    )
    await engines.openai.waitFor(() => engines.asked() > asked)
    until.resolve(undefined)
    const text = await dialog
    expect(statusesIn(text)).toEqual([200, 200, 400, 200])
    const places = ['"chat.completion"', '"version"', '"invalid_request"', '"models"'].map((word) => text.indexOf(word))
    expect(places).toEqual([...places].sort((a, b) => a - b))
    expect(places).not.toContain(-1)
    expect(engines.asked()).toBe(asked + 1)
  })

  it.each([
    ['refused for its size', () => post(`Content-Length: ${64 * 2 ** 20 + 1}`, get('/api/version')), 413],
    ['refused at the door', () => post(`Content-Length: ${length}`, body).replace(token, 'somebody'), 401],
    ['without an end', () => `${post('Transfer-Encoding: chunked', chunk(body))}${get('/api/version')}`, 400],
  ])('what follows one that was %s is no request', async (_, bytes, status) => {
    const asked = engines.asked()
    const text = await rawDialog(port, bytes() + get('/api/version', 'Connection: close\r\n'))
    expect(statusesIn(text)[0]).toBe(status)
    expect(text).not.toContain('"version"')
    expect(engines.asked()).toBe(asked)
  })
})

describe('headers of the connection', () => {
  const sent = {
    cookie: 'a=b',
    te: 'trailers',
    'proxy-authorization': 'Basic eDp5',
    'x-forwarded-for': '1.2.3.4',
    forwarded: 'for=1.2.3.4',
    'x-api-key': token,
    'x-stainless-os': 'Linux',
    'user-agent': 'somebody',
    'anthropic-version': '2023-06-01',
  }
  const raw = (of: string, slot: EngineName): string => {
    const text = JSON.stringify(goodBody(of, slot))
    const headers = Object.entries({ ...sent, 'content-length': String(Buffer.byteLength(text)), connection: 'close, te' })
    return `POST ${of} HTTP/1.1\r\n${usual()}${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}`
  }

  it.each([
    [path, 'openai'],
    [path, 'ollama'],
    ['/api/chat', 'ollama'],
    ['/v1/messages', 'llama'],
  ] as const)('%s: none of a client’s reaches %s', async (of, slot) => {
    const { status, text } = await sendRaw(port, raw(of, slot))
    expect([status, text.slice(0, 300)]).toEqual([200, expect.any(String)])
    const headers =
      engines[slot].ledger.filter(({ method, path: asked }) => method === 'POST' && asked !== '/api/show').at(-1)?.headers ?? {}
    const usualOnes = ['host', 'connection', 'content-type', 'content-length', 'accept-encoding', 'accept']
    expect(Object.keys(headers).filter((name) => !usualOnes.includes(name))).toEqual([])
    expect(headers.connection).toBe('keep-alive')
    expect(JSON.stringify(headers)).not.toContain(token)
  })

  it.each([
    [path, 'openai', { id: 'a', object: 'chat.completion', choices: [] }],
    ['/api/chat', 'ollama', { model: 'tiny:latest', message: { role: 'assistant', content: 'x' }, done: true }],
    ['/v1/messages', 'llama', { type: 'message', role: 'assistant', content: [] }],
  ] as const)('%s: none of %s reaches a client', async (of, slot, answer) => {
    const strange = {
      'set-cookie': 'a=b',
      'access-control-allow-origin': '*',
      'access-control-allow-credentials': 'true',
      server: 'Engine/1',
      'x-powered-by': 'Express',
      'proxy-authenticate': 'Basic',
      'keep-alive': 'timeout=900',
      'alt-svc': 'h3=":443"',
      'content-security-policy': 'x',
      'cache-control': 'public',
      location: 'http://evil.example',
      'x-modelyard-model': 'somebody',
    }
    const asked = engines[slot]
    asked.faults.add({ path: of, fault: { kind: 'status', status: 200, headers: strange, body: answer }, times: 1 })
    const got = await engines.scene.ask(of, { ...goodBody(of, slot), stream: false })
    expect(got.status).toBe(200)
    await got.text()
    for (const [name, value] of Object.entries(strange)) expect([name, got.headers.get(name)]).not.toEqual([name, value])
    for (const name of ['set-cookie', 'server', 'x-powered-by', 'access-control-allow-origin', 'location'])
      expect(got.headers.get(name)).toBeNull()
  })
})

describe('what an answer says it is', () => {
  it.each([
    ['image/svg+xml', 'application/json'],
    ['text/javascript', 'application/json'],
    ['application/json; charset=utf-8', 'application/json; charset=utf-8'],
  ])('%s goes on as %s', async (said, told) => {
    await using engine = await fakeOpenAi({ models: [{ name: 'tiny' }] })
    await using relay = await faultyRelay(engine.url, path)
    await using scene = await gatewayScene({ providers: openaiAt(relay.url), switchTo: 'other/tiny' })
    relay.plan = { status: 200, headers: { 'content-type': said }, chunks: ['{"choices":[]}'], cut: false }
    const answer = await scene.ask(path, goodBody(path, 'default'))
    expect([answer.status, answer.headers.get('content-type'), await answer.json()]).toEqual([200, told, { choices: [] }])
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })
})

describe('answers that are not taken', () => {
  let led = 0
  const elsewhere = createServer((_, response) => {
    led += 1
    response.end('{}')
  })
  beforeAll(() => new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve)))
  afterAll(() => new Promise((resolve) => elsewhere.close(resolve)))
  afterEach(() => {
    for (const slot of slots) engines[slot].faults.clear()
  })

  const enginePaths: Readonly<Record<EngineName, string>> = { openai: '/v1/chat/completions', ollama: '/api/chat', llama: '/v1/*' }
  const faults: readonly (readonly [string, () => Fault])[] = [
    ['a redirect', () => ({ kind: 'redirect', to: `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/` })],
    ['what is compressed', () => ({ kind: 'status', status: 200, headers: { 'content-encoding': 'gzip' }, body: {} })],
    ['a web page', () => ({ kind: 'html' })],
  ]

  describe.each(['/v1/chat/completions', '/v1/messages', '/api/chat'])('%s', (of) => {
    it.each(slots.flatMap((slot) => faults.map(([name, fault]) => [slot, name, fault] as const)))('of %s: %s', async (slot, _, fault) => {
      engines[slot].faults.add({ path: enginePaths[slot], fault: fault() })
      for (const stream of [true, false]) {
        const answer = await engines.scene.ask(of, { ...goodBody(of, slot), stream })
        expect([answer.status, answer.headers.get('content-type')]).toEqual([502, 'application/json'])
        expect(await answer.json()).toHaveProperty('error')
        expect(engines.scene.test.yard.slots.get(slot).leases).toBe(0)
      }
      expect(led).toBe(0)
    })
  })
})
