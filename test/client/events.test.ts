import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { followEvents } from '../../src/client/events.ts'
import { type ConnectionState, createClient } from '../../src/client/index.ts'
import type { Transport } from '../../src/client/transport.ts'
import { ModelyardError, type YardEvent } from '../../src/contract/index.ts'
import { eventStream, refuse, scriptedServer } from './scripted-server.ts'

const snapshot = (seq: number) => ({ type: 'snapshot', seq })
const changed = (seq: number) => ({ type: 'models.changed', seq, provider: 'ollama' })

async function read(events: AsyncIterable<YardEvent>, count: number): Promise<string[]> {
  const seen: string[] = []
  for await (const event of events) {
    seen.push(`${event.type} ${event.seq}`)
    if (seen.length === count) break
  }
  return seen
}

afterEach(() => void vi.useRealTimers())

describe('events', () => {
  it('goes on after a lost connection with what was not seen, and nothing twice', async () => {
    const server = await scriptedServer(({ path }, response) => {
      const stream = eventStream(response)
      if (!path.includes('since')) {
        for (const event of [snapshot(10), changed(11), changed(12)]) stream.send(event)
        return stream.end()
      }
      for (const event of [snapshot(14), changed(12), changed(13), changed(14)]) stream.send(event)
    })
    expect(await read(createClient({ url: server.url }).events(), 6)).toEqual([
      'snapshot 10',
      'models.changed 11',
      'models.changed 12',
      'snapshot 14',
      'models.changed 13',
      'models.changed 14',
    ])
    expect(server.asked.map(({ path }) => path)).toEqual(['/yard/v1/events', '/yard/v1/events?since=12'])
  })

  it('asks for the same place again when the connection is lost before anything new came', async () => {
    const server = await scriptedServer((_, response) => {
      const stream = eventStream(response)
      if (server.asked.length === 1) stream.send(snapshot(5))
      if (server.asked.length === 1) return stream.end()
      if (server.asked.length < 4) return void response.destroy()
      stream.send(snapshot(6))
      stream.send(changed(6))
    })
    expect(await read(createClient({ url: server.url }).events(), 3)).toEqual(['snapshot 5', 'snapshot 6', 'models.changed 6'])
    expect(server.asked.slice(1).map(({ path }) => path)).toEqual(Array(3).fill('/yard/v1/events?since=5'))
  })

  it('begins anew after a reset, from lower numbers too', async () => {
    const server = await scriptedServer((_, response) => {
      const stream = eventStream(response)
      if (server.asked.length === 1) {
        for (const event of [{ type: 'reset', seq: 3, reason: 'old' }, snapshot(3), changed(4)]) stream.send(event)
        return stream.end()
      }
      stream.send(snapshot(5))
      stream.send(changed(5))
    })
    const seen = await read(createClient({ url: server.url }).events({ since: 900, slot: 'code' }), 5)
    expect(seen).toEqual(['reset 3', 'snapshot 3', 'models.changed 4', 'snapshot 5', 'models.changed 5'])
    expect(server.asked.map(({ path }) => path)).toEqual(['/yard/v1/events?since=900&slot=code', '/yard/v1/events?since=4&slot=code'])
  })

  it('throws when the first connection fails or is refused', async () => {
    const server = await scriptedServer((_, response) => refuse(response, new ModelyardError('unauthorized')))
    await expect(read(createClient({ url: server.url }).events(), 1)).rejects.toMatchObject({ code: 'unauthorized' })
    await server.close()
    await expect(read(createClient({ url: server.url }).events(), 1)).rejects.toMatchObject({ code: 'service_unreachable' })
  })

  it('ends quietly with its signal', async () => {
    const server = await scriptedServer((_, response) => eventStream(response).send(snapshot(1)))
    const stop = new AbortController()
    const seen: string[] = []
    for await (const event of createClient({ url: server.url }).events({ signal: stop.signal })) {
      seen.push(event.type)
      stop.abort()
    }
    expect(seen).toEqual(['snapshot'])
  })

  it('makes a connection anew that has fallen silent', async () => {
    const asked: string[] = []
    const silent: Transport = {
      send: () => Promise.reject(new ModelyardError('internal')),
      async *stream({ path, signal }) {
        asked.push(path)
        yield asked.length === 1 ? snapshot(3) : changed(4)
        await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
      },
    }
    expect(await read(followEvents(silent, {}, { silenceMs: 1 }), 2)).toEqual(['snapshot 3', 'models.changed 4'])
    expect(asked).toEqual(['/yard/v1/events', '/yard/v1/events?since=3'])
  })

  it('gives a service up that stays away, where it may', async () => {
    let asked = 0
    const gone: Transport = {
      send: () => Promise.reject(new ModelyardError('internal')),
      async *stream() {
        if (++asked === 1) yield snapshot(3)
        throw new ModelyardError('service_unreachable')
      },
    }
    const events = followEvents(gone, {}, { awayMs: 0 })
    expect((await events.next()).value).toMatchObject({ type: 'snapshot' })
    await expect(events.next()).rejects.toMatchObject({ code: 'service_unreachable' })
    expect(asked).toBe(2)
  })

  it('reads an event that arrives in pieces, and several in one piece', async () => {
    const bytes = Buffer.from(
      `data: ${JSON.stringify({ type: 'models.changed', seq: 1, provider: 'ö' })}\n\n: heart\n\ndata: ${JSON.stringify(changed(2))}\n\n`,
    )
    const server = await scriptedServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
      for (const byte of bytes) response.write(Buffer.of(byte))
    })
    const events: YardEvent[] = []
    for await (const event of createClient({ url: server.url }).events()) if (events.push(event) === 2) break
    expect(events).toEqual([{ type: 'models.changed', seq: 1, provider: 'ö' }, changed(2)])
  })
})

describe('the connection of events', () => {
  it('is told when it is there and when it is lost, once each and in its place', async () => {
    const server = await scriptedServer((_, response) => {
      if (server.asked.length === 2 || server.asked.length === 3) return void response.destroy()
      const stream = eventStream(response)
      const first = server.asked.length === 1
      const events = first
        ? [{ type: 'reset', seq: 1 }, snapshot(1), changed(2), { type: 'reset', seq: 2 }, snapshot(2)]
        : [snapshot(2), changed(3)]
      for (const event of events) stream.send(event)
      if (first) stream.end()
    })
    const seen: unknown[] = []
    const begun = Date.now()
    const tell = (state: ConnectionState): void => {
      seen.push(state.state)
      if (state.state !== 'lost') return
      expect(state).toMatchObject({ error: { code: 'service_unreachable' }, retry: expect.any(Function) })
      expect(state.since).toBeGreaterThanOrEqual(begun)
      expect(state.since).toBeLessThanOrEqual(Date.now())
    }
    for await (const event of createClient({ url: server.url }).events({ onConnection: tell })) {
      seen.push(event.type)
      if (event.seq === 3) break
    }
    const firstTime = ['reset', 'snapshot', 'open', 'models.changed', 'reset', 'snapshot']
    expect(seen).toEqual([...firstTime, 'lost', 'snapshot', 'open', 'models.changed'])
  })

  it('is not told of one that never was, nor of one that its reader left', async () => {
    const server = await scriptedServer((_, response) => eventStream(response).send(snapshot(1)))
    const told: string[] = []
    const onConnection = ({ state }: ConnectionState): void => void told.push(state)
    const stop = new AbortController()
    const events = createClient({ url: server.url }).events({ onConnection, signal: stop.signal })
    await events.next()
    const next = events.next()
    await vi.waitFor(() => expect(told).toEqual(['open']))
    stop.abort()
    expect(await next).toMatchObject({ done: true })
    await server.close()
    await expect(createClient({ url: server.url }).events({ onConnection }).next()).rejects.toMatchObject({ code: 'service_unreachable' })
    expect(told).toEqual(['open'])
  })

  it('ends with the refusal when it is tried again with a token that opens nothing any more', async () => {
    const server = await scriptedServer((_, response) => {
      if (server.asked.length > 1) return refuse(response, new ModelyardError('unauthorized'))
      const stream = eventStream(response)
      stream.send(snapshot(1))
      stream.end()
    })
    const told: string[] = []
    const events = createClient({ url: server.url }).events({ onConnection: ({ state }) => told.push(state) })
    await events.next()
    await expect(events.next()).rejects.toMatchObject({ code: 'unauthorized' })
    expect(await events.next()).toMatchObject({ done: true })
    expect([told, server.asked.length]).toEqual([['open', 'lost'], 2])
  })

  it('is tried at once when a person asks, as often as that is', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let asked = 0
    let retry: (() => void) | undefined
    const away: Transport = {
      send: () => Promise.reject(new ModelyardError('internal')),
      async *stream() {
        asked++
        if (asked === 1 || asked === 4) yield snapshot(3)
        throw new ModelyardError('service_unreachable')
      },
    }
    const onConnection = (state: ConnectionState): void => {
      retry = state.state === 'lost' ? state.retry : undefined
    }
    const events = followEvents(away, { onConnection })
    await events.next()
    const next = events.next()
    for (let attempt = 1; attempt < 4; attempt++) {
      while (asked < attempt) await setImmediate()
      await setImmediate()
      expect(asked).toBe(attempt)
      retry?.()
    }
    expect((await next).value).toMatchObject({ type: 'snapshot' })
    expect(asked).toBe(4)
    await events.return()
  })
})
