import { describe, expect, it } from 'vitest'
import { ModelyardError } from '../../../src/contract/index.ts'
import { createEngineHttp } from '../../../src/platform/engine-http.ts'
import { jsonAnswer, type RawRequest, rawServer, streamEnd, streamHead, streamPiece } from './raw-server.ts'
import { allText, connectionsFree, failureOf, notAborted, signpost, withHttp } from './with-http.ts'

const chat = (more: object = {}) => ({ method: 'POST' as const, path: '/chat', body: { a: 1 }, signal: notAborted(), retry: true, ...more })
const get = (more: object = {}) => ({ path: '/list', signal: notAborted(), ...more })

/** Kept after its first answer, dead at the next request, before a byte of its answer. */
const diesWhenUsedAgain =
  (how: 'reset' | 'end') =>
  ({ socket, request }: RawRequest): void => {
    if (request === 1) socket.write(jsonAnswer({ request }))
    else if (how === 'reset') socket.resetAndDestroy()
    else socket.destroy()
  }

describe('a kept connection that died', () => {
  it.each(['reset', 'end'] as const)('is replaced by a new one, once (%s)', async (how) => {
    await withHttp(diesWhenUsedAgain(how), async (http, server) => {
      await http.json(get())
      await connectionsFree()
      expect((await http.json(get())).body).toEqual({ request: 1 })
      expect(server.seen).toEqual(['1.1', '1.2', '2.1'])
      expect(server.heads[2]).toMatch(/^connection: close$/im)
    })
  })

  it('is told when a chat goes out again, body and all', async () => {
    await withHttp(diesWhenUsedAgain('reset'), async (http, server) => {
      await http.json(get())
      await connectionsFree()
      const reasons: string[] = []
      const answer = await http.stream(chat({ onRetry: (reason: string) => reasons.push(reason) }))
      expect(JSON.parse(await allText(answer.body))).toEqual({ request: 1 })
      expect(reasons).toHaveLength(1)
      expect(server.heads[2]).toMatch(/^POST \/chat /)
      expect(server.heads[2]).toMatch(/^content-length: 7$/im)
    })
  })

  it('is not replaced for a call that must happen once', async () => {
    await withHttp(diesWhenUsedAgain('reset'), async (http, server) => {
      await http.json(get())
      await connectionsFree()
      const error = await failureOf(http.json({ method: 'POST', path: '/load', body: {}, signal: notAborted() }))
      expect(error.code).toBe('provider_unreachable')
      expect(server.seen).toEqual(['1.1', '1.2'])
    })
  })

  it('is not replaced when a byte of the answer had come', async () => {
    const answer = ({ socket, request }: RawRequest): void => {
      if (request === 1) socket.write(jsonAnswer({}))
      else socket.write('HTTP/1.1 200 O', () => socket.resetAndDestroy())
    }
    await withHttp(answer, async (http, server) => {
      await http.json(get())
      await connectionsFree()
      await failureOf(http.json(get()))
      expect(server.seen).toEqual(['1.1', '1.2'])
    })
  })

  it('is replaced by a truly new one, not by another kept one', async () => {
    const kept: RawRequest[] = []
    const answer = (request: RawRequest): void => {
      if (request.connection > 2) request.socket.write(jsonAnswer({ connection: request.connection }))
      else if (request.request > 1) request.socket.resetAndDestroy()
      else if (kept.push(request) === 2) for (const { socket } of kept) socket.write(jsonAnswer({}))
    }
    await withHttp(answer, async (http, server) => {
      await Promise.all([http.json(get()), http.json(get())])
      await connectionsFree()
      expect((await http.json(get())).body).toEqual({ connection: 3 })
      expect(server.seen).toHaveLength(4)
    })
  })

  it('is not replaced twice', async () => {
    const answer = ({ socket, connection, request }: RawRequest): void => {
      if (connection === 1 && request === 1) socket.write(jsonAnswer({}))
      else socket.resetAndDestroy()
    }
    await withHttp(answer, async (http, server) => {
      await http.json(get())
      await connectionsFree()
      expect((await failureOf(http.json(get()))).code).toBe('provider_unreachable')
      expect(server.seen).toEqual(['1.1', '1.2', '2.1'])
    })
  })
})

describe('a new connection that dies', () => {
  it('is not tried again: the request may be what kills the engine', async () => {
    await withHttp(
      ({ socket }) => socket.resetAndDestroy(),
      async (http, server) => {
        expect((await failureOf(http.stream(chat()))).code).toBe('provider_unreachable')
        expect((await failureOf(http.json(get()))).message).toContain('closed the connection without an answer')
        expect(server.seen).toEqual(['1.1', '2.1'])
      },
    )
  })

  it('is unreachable where nothing listens, and says so', async () => {
    const { url } = await (async () => {
      await using server = await rawServer(() => {})
      return { url: server.url }
    })()
    const http = createEngineHttp({ baseUrl: url, label: 'The engine' })
    const error = await failureOf(http.json(get()))
    expect(error).toMatchObject({ code: 'provider_unreachable', retryable: true, details: { reason: 'ECONNREFUSED' } })
    expect(error.message).toBe('The engine does not answer: nothing listens at its address.')
    await http.close()
  })
})

describe('localhost', () => {
  it.each(['127.0.0.1', '::1'])('is found on %s', async (host) => {
    const server = await rawServer(({ socket }) => socket.write(jsonAnswer({ host })), host).catch(() => undefined)
    if (!server) return expect(host).toBe('::1') // A machine without IPv6 has only the other one.
    await using listening = server
    const http = createEngineHttp({ baseUrl: `http://localhost:${listening.port}`, label: 'The engine' })
    expect((await http.json(get())).body).toEqual({ host })
    await http.close()
  })
})

describe('an abort', () => {
  it('closes the connection while the answer is awaited, and is told with its own reason', async () => {
    const closed = signpost()
    await withHttp(
      ({ socket }) => {
        socket.on('close', () => closed.reach())
        abort.abort(new ModelyardError('superseded', 'A newer one.'))
      },
      async (http) => {
        expect(await failureOf(http.json({ method: 'POST', path: '/load', body: {}, signal: abort.signal }))).toMatchObject({
          code: 'superseded',
          message: 'A newer one.',
        })
        await closed.reached
      },
    )
  })
  const abort = new AbortController()

  it('closes the connection in the middle of a stream', async () => {
    const closed = signpost()
    const leaving = new AbortController()
    await withHttp(
      ({ socket }) => {
        socket.on('close', () => closed.reach())
        socket.write(streamHead + streamPiece('{}\n'))
      },
      async (http) => {
        const { body } = await http.stream(chat({ signal: leaving.signal }))
        const chunks = body[Symbol.asyncIterator]()
        await chunks.next()
        leaving.abort()
        expect((await failureOf(chunks.next())).code).toBe('cancelled')
        await closed.reached
      },
    )
  })

  it('before the body is looked at harms nobody, and is told to who looks later', async () => {
    const leaving = new AbortController()
    const closed = signpost()
    await withHttp(
      ({ socket }) => {
        socket.on('close', () => closed.reach())
        socket.write(streamHead + streamPiece('{}\n'))
      },
      async (http) => {
        const { body } = await http.stream(chat({ signal: leaving.signal }))
        leaving.abort()
        await closed.reached
        await new Promise((resolve) => setImmediate(resolve))
        expect((await failureOf(allText(body))).code).toBe('cancelled')
      },
    )
  })

  it('that came before the call sends nothing', async () => {
    await withHttp(
      ({ socket }) => socket.write(jsonAnswer({})),
      async (http, server) => {
        expect((await failureOf(http.json(get({ signal: AbortSignal.abort() })))).code).toBe('cancelled')
        expect(server.seen).toEqual([])
      },
    )
  })
})

describe('leaving and closing', () => {
  it.each([true, false])('a stream that is left closes its connection, whether it was read (%s) or not', async (read) => {
    const closed = signpost()
    await withHttp(
      ({ socket }) => {
        socket.on('close', () => closed.reach())
        socket.write(streamHead + streamPiece('{}\n'))
      },
      async (http) => {
        const { body } = await http.stream(chat())
        if (read) for await (const _ of body) break
        else await body[Symbol.asyncIterator]().return?.()
        await closed.reached
      },
    )
  })

  it('a stream that was read to its end leaves its connection for the next call', async () => {
    await withHttp(
      ({ socket }) => socket.write(streamHead + streamPiece('{}\n') + streamEnd),
      async (http, server) => {
        for (let i = 0; i < 3; i++) {
          expect(await allText((await http.stream(chat())).body)).toBe('{}\n')
          await connectionsFree()
        }
        expect(server.seen).toEqual(['1.1', '1.2', '1.3'])
      },
    )
  })

  it('close ends what runs, and may be called again', async () => {
    const asked = signpost()
    await withHttp(
      () => asked.reach(),
      async (http) => {
        const failed = failureOf(http.json(get()))
        await asked.reached
        await http.close()
        await http.close()
        expect((await failed).code).toBe('cancelled')
        expect((await failureOf(http.json(get()))).code).toBe('cancelled')
      },
    )
  })
})

describe('a reader that pauses', () => {
  it('holds the engine back: what is not read is not sent', async () => {
    const piece = streamPiece('x'.repeat(64 * 1024))
    const most = 64 * 2 ** 20
    let written = 0
    const blocked = signpost()
    await withHttp(
      ({ socket }) => {
        socket.write(streamHead)
        const more = (): void => {
          while (written < most) {
            written += piece.length
            if (!socket.write(piece)) break
          }
          if (written >= most) blocked.reach()
        }
        socket.on('drain', more)
        more()
        // Both ends have full buffers when nothing drains any more.
        let before = -1
        const watch = setInterval(() => {
          if (before === written) {
            clearInterval(watch)
            blocked.reach()
          }
          before = written
        }, 100)
        socket.on('close', () => clearInterval(watch))
      },
      async (http) => {
        const { body } = await http.stream(chat())
        const chunks = body[Symbol.asyncIterator]()
        await chunks.next()
        await blocked.reached
        expect(written).toBeLessThan(most / 2)
        await chunks.return?.()
      },
    )
  })
})
