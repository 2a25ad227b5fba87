import { describe, expect, it } from 'vitest'
import { createEngineHttp } from '../../../src/platform/engine-http.ts'
import { jsonAnswer, type RawRequest, rawServer, streamEnd, streamHead, streamPiece } from './raw-server.ts'
import { allText, failureOf, notAborted, signpost, withHttp } from './with-http.ts'

const get = (more: object = {}) => ({ path: '/list', signal: notAborted(), ...more })
const sends =
  (...parts: string[]) =>
  ({ socket }: RawRequest): void => {
    for (const part of parts) socket.write(part)
  }

describe('a request', () => {
  it('asks for plain bytes, below the path of the address, with the headers of both', async () => {
    await using server = await rawServer(sends(jsonAnswer({})))
    const http = createEngineHttp({ baseUrl: `${server.url}/prefix/`, label: 'The engine', headers: () => ({ authorization: 'Bearer k' }) })
    await http.json(get({ headers: { 'x-one': '1' } }))
    const [head = ''] = server.heads
    expect(head).toMatch(/^GET \/prefix\/list HTTP\/1\.1\r\n/)
    for (const line of ['accept-encoding: identity', 'authorization: Bearer k', 'x-one: 1']) expect(head.split('\r\n')).toContain(line)
    expect(head).not.toMatch(/^(?:origin|cookie|content-type|user-agent):/im)
    await http.close()
  })

  it('carries its body as JSON', async () => {
    await withHttp(sends(jsonAnswer({})), async (http, server) => {
      await http.json({ method: 'POST', path: '/x', body: { ä: 1 }, signal: notAborted() })
      expect(server.heads[0]).toMatch(/^content-type: application\/json$/im)
      expect(server.heads[0]).toMatch(/^content-length: 8$/im)
    })
  })
})

describe('an answer', () => {
  it('is status, headers, text and JSON, whatever the status', async () => {
    await withHttp(sends(jsonAnswer({ error: 'no' }, '500 Oh', 'X-Twice: a\r\nX-Twice: b\r\n__proto__: c\r\n')), async (http) => {
      const answer = await http.json(get())
      expect(answer).toMatchObject({ status: 500, body: { error: 'no' }, text: '{"error":"no"}' })
      expect(answer.headers['x-twice']).toBe('a')
      expect(answer.headers.polluted).toBeUndefined()
      expect(Object.getPrototypeOf(answer.headers)).toBeNull()
    })
  })

  it.each(['<html>', '', '{"cut":', '\u0000'])('that is not JSON has no body: %j', async (text) => {
    await withHttp(sends(`HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`), async (http) => {
      expect(await http.json(get())).toMatchObject({ status: 200, body: undefined, text })
    })
  })

  it.each([301, 302, 303, 307, 308])('that redirects (%i) is refused, and not followed', async (status) => {
    await using elsewhere = await rawServer(sends(jsonAnswer({})))
    const answer = sends(`HTTP/1.1 ${status} Go\r\nlocation: ${elsewhere.url}/\r\ncontent-length: 0\r\n\r\n`)
    await withHttp(answer, async (http) => {
      for (const call of [http.json(get()), http.stream(get())]) expect((await failureOf(call)).code).toBe('provider_protocol')
      expect(elsewhere.seen).toEqual([])
    })
  })
})

describe('limits of size', () => {
  it('an endless body is cut at the limit, and its connection closed', async () => {
    const closed = signpost()
    const endless = ({ socket }: RawRequest): void => {
      socket.on('close', () => closed.reach())
      socket.write(streamHead)
      const more = (): void => {
        while (!socket.destroyed && socket.write(streamPiece('x'.repeat(16_384))));
      }
      socket.on('drain', more)
      more()
    }
    await withHttp(endless, async (http) => {
      const error = await failureOf(http.json(get({ maxBytes: 100_000 })))
      expect(error.code).toBe('provider_protocol')
      expect(error.message).toContain('100000 bytes')
      await closed.reached
    })
  })

  it('a body of exactly the limit is taken', async () => {
    const whole = JSON.stringify('x'.repeat(998))
    await withHttp(sends(streamHead, streamPiece(whole), streamEnd), async (http) => {
      expect((await http.json(get({ maxBytes: 1000 }))).text).toBe(whole)
      expect((await failureOf(http.json(get({ maxBytes: 999 })))).code).toBe('provider_protocol')
    })
  })

  it('a body in pieces of one byte takes no more memory than its bytes', async () => {
    const bytes = 400_000
    const pieces = streamPiece('x').repeat(bytes)
    await withHttp(sends(streamHead, pieces, streamEnd), async (http) => {
      const before = process.memoryUsage().arrayBuffers
      const { text } = await http.json(get())
      expect(text).toHaveLength(bytes)
      // Pieces held one by one would each keep the 64 KiB they were cut from, or at least an object of a hundred bytes.
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 2 ** 20)
    })
  })

  it('endless headers are refused', async () => {
    await withHttp(sends('HTTP/1.1 200 OK\r\n', `a: ${'x'.repeat(80_000)}\r\n\r\n`), async (http) => {
      expect((await failureOf(http.json(get()))).code).toBe('provider_protocol')
    })
  })
})

describe('an answer that goes wrong', () => {
  it.each([
    ['what is not HTTP', 'SSH-2.0-OpenSSH_9\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx'],
    ['a broken chunk', `${streamHead}zz\r\n`],
  ])('%s', async (_, bytes) => {
    await withHttp(sends(bytes), async (http) => {
      expect((await failureOf(http.json(get()))).code).toBe('provider_protocol')
    })
  })

  it.each(['json', 'stream'] as const)('cut off in the middle (%s)', async (how) => {
    const cut = ({ socket }: RawRequest): void => {
      socket.write(streamHead + streamPiece('{"a":'), () => socket.destroy())
    }
    await withHttp(cut, async (http) => {
      const failing = how === 'json' ? http.json(get()) : http.stream(get()).then(({ body }) => allText(body))
      expect(await failureOf(failing)).toMatchObject({ code: 'provider_protocol', message: 'The engine cut its answer off.' })
    })
  })
})

describe('limits of time', () => {
  it('an answer that does not begin', async () => {
    await withHttp(
      () => {},
      async (http) => {
        expect((await failureOf(http.json(get({ headersTimeoutMs: 30 })))).code).toBe('timeout')
        expect((await failureOf(http.stream(get({ firstByteMs: 30 })))).code).toBe('timeout')
      },
    )
  })

  it('a stream that falls silent', async () => {
    await withHttp(sends(streamHead, streamPiece('{}\n')), async (http) => {
      const { body } = await http.stream(get({ idleMs: 30 }))
      const error = await failureOf(allText(body))
      expect(error).toMatchObject({ code: 'timeout', message: 'The engine fell silent in the middle of its answer.' })
    })
  })
})

describe('many streams at once', () => {
  it('each gets its own bytes', async () => {
    const answer = ({ socket, head }: RawRequest): void => {
      const name = /GET \/(\d+)/.exec(head)?.[1]
      socket.write(streamHead)
      for (let i = 0; i < 20; i++) socket.write(streamPiece(`${name} `))
      socket.write(streamEnd)
    }
    await withHttp(answer, async (http) => {
      const texts = await Promise.all(Array.from({ length: 50 }, async (_, i) => allText((await http.stream(get({ path: `/${i}` }))).body)))
      expect(texts).toEqual(texts.map((_, i) => `${i} `.repeat(20)))
    })
  })
})
