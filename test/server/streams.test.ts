/** Events over SSE and WebSocket: the same bytes, resumable anywhere, bounded for whoever does not read, ended in order. */
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { type Listening, listen } from '../../src/server/listen.ts'
import { fakeOllama } from '../../src/testing/fakes/fake-ollama.ts'
import { type TestYard, testYard } from '../support/test-yard.ts'

const token = 'a-token-for-this-test-only'

let test: TestYard
let service: Listening
let rotated: (() => void)[] = []
let current = token

beforeEach(async () => {
  test = await testYard()
  current = token
  rotated = []
  const tokens = {
    matches: (candidate: string) => candidate === current,
    onRotate(listener: () => void) {
      rotated.push(listener)
      return () => {}
    },
  }
  service = await listen({ yard: test.yard, host: '127.0.0.1', port: 0, allowedHosts: [], allowedOrigins: [], tokens, log: () => {} })
})
afterEach(async () => {
  await service.close(0)
  await test[Symbol.asyncDispose]()
})

/** Something that makes one event. */
const change = (index: number): Promise<unknown> => test.yard.slots.put('default', { queueSeconds: index })

const authorized = { authorization: `Bearer ${token}` }

async function* dataOf(answer: Response): AsyncGenerator<string> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    const blocks = (rest + next.value).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const data = block.split('\n').find((line) => line.startsWith('data: '))
      if (data) yield data.slice(6)
    }
  }
}

async function sse(query = '', headers: Record<string, string> = {}, signal?: AbortSignal): Promise<AsyncGenerator<string>> {
  const answer = await fetch(`${service.url}/yard/v1/events${query}`, { headers: { ...authorized, ...headers }, ...(signal && { signal }) })
  expect(answer.status).toBe(200)
  return dataOf(answer)
}

interface Peer {
  readonly socket: WebSocket
  next(): Promise<string>
}

function peer(options: { headers?: Record<string, string>; query?: string } = {}): Peer {
  const socket = new WebSocket(`${service.url.replace('http', 'ws')}/yard/v1/events${options.query ?? ''}`, {
    headers: options.headers ?? authorized,
  })
  const received: string[] = []
  const waiting: ((text: string) => void)[] = []
  socket.on('error', () => {})
  socket.on('message', (data) => {
    const take = waiting.shift()
    if (take) take(String(data))
    else received.push(String(data))
  })
  return { socket, next: () => new Promise((resolve) => (received.length > 0 ? resolve(received.shift() ?? '') : waiting.push(resolve))) }
}

const closed = (socket: WebSocket): Promise<number> => new Promise((resolve) => socket.once('close', (code) => resolve(code)))
const opened = (socket: WebSocket): Promise<void> => new Promise((resolve) => socket.once('open', () => resolve()))

describe('the stream and the socket', () => {
  it('carry the same bytes', async () => {
    const stream = await sse()
    const { socket, next } = peer()
    expect(JSON.parse((await stream.next()).value ?? '{}')).toMatchObject({ type: 'snapshot' })
    expect(JSON.parse(await next())).toMatchObject({ type: 'snapshot' })
    for (let index = 0; index < 20; index += 1) await change(index)
    for (let index = 0; index < 20; index += 1) expect(await next()).toBe((await stream.next()).value)
    socket.close()
    await stream.return(undefined)
  })

  it('go on where a reader left, each event once and in order, wherever it was cut off', async () => {
    const seen: number[] = []
    let since: number | undefined
    for (let round = 0; round < 12; round += 1) {
      const stop = new AbortController()
      const stream = await sse(since === undefined ? '' : `?since=${since}`, {}, stop.signal)
      for (let index = 0; index < 5; index += 1) await change(round * 5 + index)
      // Cut off after some of them: those that were not read come again.
      for (let read = 0; read < 2 + (round % 4); read += 1) {
        const event = JSON.parse((await stream.next()).value ?? '{}') as { type: string; seq: number }
        expect(event.type).not.toBe('reset')
        if (event.type === 'snapshot') since ??= event.seq
        else {
          seen.push(event.seq)
          since = event.seq
        }
      }
      stop.abort()
    }
    expect(seen.length).toBeGreaterThan(15)
    expect(seen).toEqual(seen.map((_, index) => (seen[0] ?? 0) + index))
  })

  it('tell a reader who cannot be told everything: reset, then the state', async () => {
    for (const query of ['?since=1', '?since=99999999999999']) {
      const stream = await sse(query)
      const types = [JSON.parse((await stream.next()).value ?? '{}').type, JSON.parse((await stream.next()).value ?? '{}').type]
      expect(types).toEqual(['reset', 'snapshot'])
      await stream.return(undefined)
    }
    const stream = await sse('', { 'last-event-id': '1' })
    expect(JSON.parse((await stream.next()).value ?? '{}').type).toBe('reset')
    await stream.return(undefined)
  })

  it('of one slot leave out the others', async () => {
    await test.yard.slots.put('other', {})
    const stream = await sse('?slot=other')
    await stream.next()
    await change(1)
    await test.yard.slots.put('other', { queueSeconds: 5 })
    expect(JSON.parse((await stream.next()).value ?? '{}')).toMatchObject({
      type: 'slot.changed',
      slot: { slot: 'other', queueSeconds: 5 },
    })
    await stream.return(undefined)
  })

  it('say that a slot is gone, to those who watch it as well', async () => {
    await test.yard.slots.put('other', {})
    const [all, own, others] = [await sse(''), await sse('?slot=other'), await sse('?slot=default')]
    for (const stream of [all, own, others]) await stream.next()
    await test.yard.slots.remove('other')
    await change(1)
    for (const stream of [all, own])
      expect(JSON.parse((await stream.next()).value ?? '{}')).toMatchObject({ type: 'slot.removed', slot: 'other' })
    for (const stream of [all, others])
      expect(JSON.parse((await stream.next()).value ?? '{}')).toMatchObject({ type: 'slot.changed', slot: { slot: 'default' } })
    for (const stream of [all, own, others]) await stream.return(undefined)
  })

  it('reach everybody although some never read', async () => {
    const silent: Socket[] = []
    for (let index = 0; index < 10; index += 1) {
      const socket = connect({ host: '127.0.0.1', port: service.port })
      socket.write(`GET /yard/v1/events HTTP/1.1\r\nHost: 127.0.0.1:${service.port}\r\nAuthorization: Bearer ${token}\r\n\r\n`)
      await new Promise((resolve) => socket.once('data', resolve))
      socket.pause()
      silent.push(socket)
    }
    const readers = await Promise.all(Array.from({ length: 40 }, () => sse()))
    const counts = readers.map(async (reader) => {
      for (let seen = 0; seen < 300; seen += 1) await reader.next()
      await reader.return(undefined)
    })
    for (let index = 0; index < 300; index += 1) await change(index)
    await Promise.all(counts)
    for (const socket of silent) socket.destroy()
  })

  it('end with a last word when the service does, in bounded time, whoever does not read', async () => {
    const stuck = connect({ host: '127.0.0.1', port: service.port })
    stuck.write(`GET /yard/v1/events HTTP/1.1\r\nHost: 127.0.0.1:${service.port}\r\nAuthorization: Bearer ${token}\r\n\r\n`)
    await new Promise((resolve) => stuck.once('data', resolve))
    stuck.pause()
    const stream = await sse()
    const { socket, next } = peer()
    await stream.next()
    await next()
    const code = closed(socket)
    await test.yard.close()
    let last = ''
    for await (const data of stream) last = data
    expect(JSON.parse(last)).toMatchObject({ type: 'reset', reason: expect.stringContaining('shutting down') })
    await service.close(100)
    expect(await code).toBe(1001)
    stuck.destroy()
  })

  it('end when the token has changed', async () => {
    const stream = await sse()
    const { socket, next } = peer()
    await stream.next()
    await next()
    const code = closed(socket)
    current = 'another'
    for (const listener of rotated) listener()
    await expect(stream.next()).rejects.toThrow()
    expect(await code).toBe(4401)
  })
})

describe('a socket without a header', () => {
  it('tells nothing before its token came as the first message', async () => {
    const { socket, next } = peer({ headers: {} })
    await opened(socket)
    socket.send(JSON.stringify({ token }))
    expect(JSON.parse(await next())).toMatchObject({ type: 'snapshot' })
    socket.close()
  })

  it.each(['{"token":"wrong"}', '{"id":"1","method":"GET","path":"/yard/v1/status"}', 'nonsense'])(
    'is closed for any other: %s',
    async (first) => {
      const { socket } = peer({ headers: {} })
      await opened(socket)
      const code = closed(socket)
      socket.send(first)
      expect(await code).toBe(4401)
    },
  )
})

describe('calls over the socket', () => {
  const answerTo = async ({ next }: Peer, id: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const message = JSON.parse(await next()) as Record<string, unknown>
      if (message.id === id) return message
    }
  }

  it('go through the same router, with the same checks', async () => {
    const connection = peer()
    const { socket } = connection
    await opened(socket)
    const call = (message: object) => socket.send(JSON.stringify(message))
    call({ id: 'a', method: 'GET', path: '/yard/v1/slots' })
    expect(await answerTo(connection, 'a')).toMatchObject({ status: 200, body: { slots: [{ slot: 'default' }] } })
    call({ id: 'b', method: 'PUT', path: '/yard/v1/slots/default', body: { evil: 1 } })
    expect(await answerTo(connection, 'b')).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } })
    call({ id: 'c', method: 'GET', path: '/nothing' })
    expect(await answerTo(connection, 'c')).toMatchObject({ status: 404 })
    call({ id: 'd', method: 'POST', path: '/yard/v1/slots/default/switch', body: { model: 'nosuch' } })
    expect(await answerTo(connection, 'd')).toMatchObject({ status: expect.any(Number), body: { outcome: 'rejected' } })
    socket.close()
  })

  it('stream a streamed route, and end it when told to', async () => {
    await using engine = await fakeOllama({ models: [{ name: 'alpha' }] })
    await using other = await testYard({ providers: { ollama: { kind: 'ollama', baseUrl: engine.url } } })
    const tokens = { matches: (candidate: string) => candidate === token, onRotate: () => () => {} }
    const listening = await listen({
      yard: other.yard,
      host: '127.0.0.1',
      port: 0,
      allowedHosts: [],
      allowedOrigins: [],
      tokens,
      log: () => {},
    })
    await other.yard.slot('default').switch('alpha')
    const before = service
    service = listening
    const connection = peer()
    service = before
    const { socket } = connection
    await opened(socket)
    const chat = (id: string, maxTokens: number) => ({
      id,
      method: 'POST',
      path: '/yard/v1/slots/default/chat',
      body: { messages: [{ role: 'user', content: 'x' }], maxTokens },
    })
    socket.send(JSON.stringify(chat('short', 2)))
    const types: unknown[] = []
    for (let message = await answerTo(connection, 'short'); message.event; message = await answerTo(connection, 'short'))
      types.push((message.event as { type: string }).type)
    expect(types).toEqual(['start', 'delta', 'delta', 'end'])
    socket.send(JSON.stringify(chat('long', 1_000_000)))
    await answerTo(connection, 'long')
    expect(other.yard.slots.get('default').leases).toBe(1)
    const released = other.waitFor((event) => event.type === 'slot.changed')
    socket.send('{"id":"long","cancel":true}')
    await engine.waitFor(() => engine.shelf.loaded.get('alpha')?.running === 0)
    await released
    socket.close()
    await listening.close(0)
  })
})
