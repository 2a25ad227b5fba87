import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { createClient } from '../../src/client/index.ts'
import { ModelyardError, toProblem } from '../../src/contract/index.ts'

interface Message {
  id?: string
  token?: string
  method?: string
  path?: string
  body?: unknown
  cancel?: boolean
}
type Answer = (message: Message, say: (answer: object) => void, socket: WebSocket) => void

const servers = new Set<WebSocketServer>()
afterEach(async () => {
  for (const server of servers) {
    for (const socket of server.clients) socket.terminate()
    await new Promise((resolve) => server.close(resolve))
  }
  servers.clear()
  vi.useRealTimers()
})

/** Accepts the token `mdy_good` and then answers as the test says. Sockets that are held are not accepted until the test does it. */
async function socketServer(answer: Answer, { held = [] as WebSocket[], holdFrom = Number.POSITIVE_INFINITY } = {}) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  servers.add(server)
  await new Promise((resolve) => server.once('listening', resolve))
  const heard: Message[] = []
  let connections = 0
  server.on('connection', (socket) => {
    connections++
    const isHeld = connections >= holdFrom
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message
      const say = (value: object): void => socket.send(JSON.stringify(value))
      if (message.token !== undefined && isHeld) return held.push(socket)
      if (message.token !== undefined) return message.token === 'mdy_good' ? say({ type: 'snapshot', seq: 7 }) : socket.close(4401)
      heard.push(message)
      answer(message, say, socket)
    })
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, heard, connections: () => connections }
}

const clientOf = (url: string, token = 'mdy_good') => createClient({ url, token, WebSocket })

describe('one socket for everything', () => {
  it('gives each call its own answer, in whatever order they come', async () => {
    const held: (() => void)[] = []
    const server = await socketServer(({ id, path }, say) => {
      held.unshift(() => say({ id, status: 200, body: { slot: path } }))
      if (held.length === 2) for (const release of held) release()
    })
    await using connection = await clientOf(server.url).connect()
    const [a, b] = await Promise.all([connection.slots.get('a'), connection.slots.get('b')])
    expect([a.slot, b.slot]).toEqual(['/yard/v1/slots/a', '/yard/v1/slots/b'])
    expect(server.connections()).toBe(1)
  })

  it('streams a chat, and cancels it when the loop is left', async () => {
    let cancelled: (id: string | undefined) => void = () => {}
    const cancel = new Promise<string | undefined>((resolve) => {
      cancelled = resolve
    })
    const server = await socketServer(({ id, cancel: isCancel }, say) => {
      if (isCancel) return cancelled(id)
      say({ id, event: { type: 'start', model: 'ollama/a' } })
      say({ id, event: { type: 'delta', text: 'Hi' } })
      if (id === '1') {
        say({ id, event: { type: 'end', finishReason: 'stop' } })
        say({ id, status: 200 })
      }
    })
    await using connection = await clientOf(server.url).connect()
    const messages = [{ role: 'user' as const, content: 'Hello' }]
    expect(await connection.chat().complete({ messages })).toMatchObject({ text: 'Hi', finishReason: 'stop' })
    for await (const part of connection.chat().stream({ messages })) if (part.type === 'delta') break
    expect(await cancel).toBe('2')
  })

  it('throws what a call was refused with', async () => {
    const problem = toProblem(new ModelyardError('slot_not_found', 'No slot "x".'))
    const server = await socketServer(({ id }, say) => say({ id, status: 404, body: problem }))
    await using connection = await clientOf(server.url).connect()
    await expect(connection.slots.get('x')).rejects.toMatchObject({ code: 'slot_not_found', message: 'No slot "x".' })
    await expect(connection.chat().complete({ messages: [] })).rejects.toMatchObject({ code: 'slot_not_found' })
  })

  it('opens a new socket after a lost one, and events go on where they were', async () => {
    const server = await socketServer(({ id, path }, say, socket) => {
      if (path === '/yard/v1/status') return socket.terminate()
      if (!path?.includes('since')) {
        say({ id, event: { type: 'snapshot', seq: 7 } })
        return say({ id, event: { type: 'models.changed', seq: 8, provider: 'a' } })
      }
      say({ id, event: { type: 'models.changed', seq: 9, provider: 'a' } })
    })
    await using connection = await clientOf(server.url).connect()
    const seen: number[] = []
    for await (const event of connection.events()) {
      seen.push(event.seq)
      if (event.seq === 8) await expect(connection.status()).rejects.toMatchObject({ code: 'service_unreachable' })
      if (event.seq === 9) break
    }
    expect(seen).toEqual([7, 8, 9])
    expect(server.heard.filter(({ path }) => path?.includes('events')).map(({ path }) => path)).toEqual([
      '/yard/v1/events',
      '/yard/v1/events?since=8',
    ])
    expect(server.connections()).toBe(2)
  })

  it('comes back with the new token when the service has another one', async () => {
    const server = await socketServer(({ id }, say, socket) =>
      server.connections() === 1 ? socket.close(4401) : say({ id, status: 200, body: 1 }),
    )
    let asked = 0
    const token = (): string => {
      asked++
      return 'mdy_good'
    }
    const client = createClient({ url: server.url, WebSocket, token })
    await using connection = await client.connect()
    await expect(connection.status()).rejects.toMatchObject({ code: 'service_unreachable' })
    expect(await connection.status()).toBe(1)
    expect(asked).toBe(2)
  })

  it('refuses a wrong token, a closed connection, and a platform without WebSocket', async () => {
    const server = await socketServer(() => {})
    await expect(clientOf(server.url, 'mdy_bad').connect()).rejects.toMatchObject({ code: 'unauthorized' })
    const connection = await clientOf(server.url).connect()
    await connection.close()
    await connection.close()
    await expect(connection.status()).rejects.toMatchObject({ code: 'service_unreachable' })
    if (!('WebSocket' in globalThis)) {
      await expect(createClient({ url: server.url }).connect()).rejects.toMatchObject({ code: 'invalid_request' })
    }
  })

  it('ends a call with its signal', async () => {
    const stop = new AbortController()
    const server = await socketServer(() => stop.abort())
    await using connection = await clientOf(server.url).connect()
    await expect(connection.status({ signal: stop.signal })).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('ends what runs over a socket whose messages cannot be read', async () => {
    const server = await socketServer((_, __, socket) => socket.send('<html>'))
    await using connection = await clientOf(server.url).connect()
    await expect(connection.status()).rejects.toMatchObject({ code: 'service_unreachable' })
  })

  it('ends its events when the token opens nothing any more, and asks no further', async () => {
    const server = await socketServer(({ id }, say, socket) => {
      say({ id, event: { type: 'snapshot', seq: 7 } })
      socket.close(4401)
    })
    const tokens = ['mdy_good', 'mdy_bad']
    const connection = await createClient({ url: server.url, WebSocket, token: () => tokens.shift() ?? 'none is left' }).connect()
    const told: string[] = []
    const events = connection.events({ onConnection: ({ state }) => told.push(state) })
    expect((await events.next()).value).toMatchObject({ type: 'snapshot' })
    await expect(events.next()).rejects.toMatchObject({ code: 'unauthorized' })
    expect(await events.next()).toMatchObject({ done: true })
    expect([told, tokens, server.connections()]).toEqual([['open', 'lost'], [], 2])
  })
})

/** A socket that is open and of which the other end neither reads nor says anything. */
const deaf: Answer = ({ path }, _, socket) => path === '/yard/v1/status' && socket.pause()

describe('a connection that is being made', () => {
  it('is given up with its signal, and its socket with it', async () => {
    const held: WebSocket[] = []
    const server = await socketServer(() => {}, { held, holdFrom: 1 })
    const stop = new AbortController()
    const outcome = clientOf(server.url)
      .connect({ signal: stop.signal })
      .catch((error: unknown) => error)
    await vi.waitFor(() => expect(held).toHaveLength(1))
    stop.abort()
    expect(await outcome).toMatchObject({ code: 'cancelled' })
    await vi.waitFor(() => expect(held[0]?.readyState).toBe(WebSocket.CLOSED))
  })

  /** The second socket of a connection, which the service has not accepted yet. */
  async function remade() {
    const held: WebSocket[] = []
    const server = await socketServer(
      ({ id, path }, say, socket) => {
        if (path === '/yard/v1/hardware') return socket.terminate()
        say({ id, status: 200, body: 1 })
      },
      { held, holdFrom: 2 },
    )
    const connection = await clientOf(server.url).connect()
    await connection.hardware().catch(() => {})
    return { held, server, connection }
  }

  it('does not send what was given up meanwhile', async () => {
    const { held, server, connection } = await remade()
    const stop = new AbortController()
    const given = [
      connection.jobs.start({ repo: 'a/b' }, { signal: stop.signal }),
      connection.chat().stream({ messages: [], signal: stop.signal }).next(),
    ].map((call) => call.catch((error: unknown) => error))
    const kept = connection.status()
    await vi.waitFor(() => expect(held).toHaveLength(1))
    stop.abort()
    expect(await Promise.all(given)).toMatchObject([{ code: 'cancelled' }, { code: 'cancelled' }])
    held[0]?.send(JSON.stringify({ type: 'snapshot', seq: 7 }))
    expect(await kept).toBe(1)
    expect(server.heard.map(({ path }) => path)).toEqual(['/yard/v1/hardware', '/yard/v1/status'])
    await connection.close()
  })

  it('is closed without waiting for it', async () => {
    const { held, connection } = await remade()
    const call = connection.status().catch((error: unknown) => error)
    await vi.waitFor(() => expect(held).toHaveLength(1))
    await connection.close()
    expect(await call).toMatchObject({ code: 'service_unreachable', message: expect.stringContaining('closed') })
    await vi.waitFor(() => expect(held[0]?.readyState).toBe(WebSocket.CLOSED))
  })
})

describe('a socket that has fallen silent', () => {
  const passMinute = (): void => void vi.advanceTimersByTime(60_000)
  const stopClocks = () => vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] })

  it('ends calls and streams, and the next call has another', async () => {
    stopClocks()
    const server = await socketServer(({ id, path, ...rest }, say, socket) => {
      if (path === '/yard/v1/slots/default/chat') say({ id, event: { type: 'start', model: 'ollama/a' } })
      else if (server.connections() === 1) deaf({ id, path, ...rest } as Message, say, socket)
      else say({ id, status: 200, body: 1 })
    })
    await using connection = await clientOf(server.url).connect()
    const chat = connection.chat().stream({ messages: [{ role: 'user', content: 'Hello' }] })
    await chat.next()
    const calls = [connection.status(), chat.next()].map((call) => call.catch((error: unknown) => error))
    await vi.waitFor(() => expect(server.heard).toHaveLength(2))
    passMinute()
    for (const call of calls) expect(await call).toMatchObject({ code: 'service_unreachable', message: expect.stringContaining('silent') })
    expect(await connection.status()).toBe(1)
    expect(server.connections()).toBe(2)
  })

  it('ends the events, which go on over another as soon as a sleeping machine is awake', async () => {
    stopClocks()
    const server = await socketServer(({ id, path }, say, socket) => {
      say({ id, event: { type: path?.includes('since') ? 'models.changed' : 'snapshot', seq: 6 + server.connections(), provider: 'a' } })
      if (server.connections() === 1) socket.pause()
    })
    await using connection = await clientOf(server.url).connect()
    const events = connection.events()
    expect((await events.next()).value).toMatchObject({ type: 'snapshot', seq: 7 })
    const next = events.next()
    vi.setSystemTime(Date.now() + 3_600_000)
    vi.advanceTimersByTime(5_000)
    expect((await next).value).toMatchObject({ type: 'models.changed', seq: 8 })
    expect(server.connections()).toBe(2)
    await events.return()
  })

  it('is no socket of which anything was heard, and a call may take longer', async () => {
    stopClocks()
    let answerLong = (): void => {}
    const server = await socketServer(({ id, path }, say) => {
      if (path === '/yard/v1/hardware') return say({ id, status: 200, body: {} })
      answerLong = () => say({ id, status: 200, body: 1 })
    })
    await using connection = await clientOf(server.url).connect()
    const long = connection.status()
    for (let times = 0; times < 4; times++) {
      vi.advanceTimersByTime(30_000)
      await connection.hardware()
    }
    answerLong()
    expect(await long).toBe(1)
    expect(server.connections()).toBe(1)
  })

  it('is given up before it was accepted, too', async () => {
    stopClocks()
    const server = await socketServer(() => {})
    const connecting = createClient({ url: server.url, WebSocket }).connect()
    const outcome = connecting.catch((error: unknown) => error)
    await vi.waitFor(() => expect(server.connections()).toBe(1))
    passMinute()
    expect(await outcome).toMatchObject({ code: 'service_unreachable' })
  })

  it('can be closed', async () => {
    const server = await socketServer(deaf)
    const connection = await clientOf(server.url).connect()
    const call = connection.status().catch((error: unknown) => error)
    await vi.waitFor(() => expect(server.heard).toHaveLength(1))
    await connection.close()
    expect(await call).toMatchObject({ code: 'service_unreachable', message: expect.stringContaining('closed') })
  })
})
