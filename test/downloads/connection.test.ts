/** One connection against servers that say exactly what they are told to: TLS, proxies, pieces, and what none should do. */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { expect, it } from 'vitest'
import { createConnection, type Reader } from '../../src/downloads/connection.ts'
import { InBetween, Woken } from '../../src/downloads/failures.ts'
import { requestOf, type Target, targetOf } from '../../src/downloads/request.ts'
import { cleanUp } from './support/subject.ts'

const tlsFile = (name: string): string => readFileSync(join(import.meta.dirname, 'fixtures/tls', name), 'utf8')
const [key, ca] = [tlsFile('key.pem'), tlsFile('cert.pem')]

async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)))
  await once(server.listen(0, host), 'listening')
  cleanUp.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

/** Answers every request on a socket by what the script makes of its number. */
function scripted(script: (nth: number, request: string) => readonly (string | 'end')[]): (socket: Socket) => void {
  let nth = 0
  return (socket) => {
    let came = ''
    socket.on('data', (data: Buffer) => {
      came += data.toString('latin1')
      for (let end = came.indexOf('\r\n\r\n'); end !== -1; end = came.indexOf('\r\n\r\n')) {
        for (const piece of script(nth++, came.slice(0, end))) piece === 'end' ? socket.end() : socket.write(piece, 'latin1')
        came = came.slice(end + 4)
      }
    })
  }
}

const answer = (body: string, more = ''): string => `HTTP/1.1 206 Partial Content\r\ncontent-length: ${body.length}\r\n${more}\r\n${body}`

/** Reads in rooms of so many bytes. */
function collect(rooms = 7): Reader & { text(): string } {
  const room = Buffer.alloc(rooms)
  let text = ''
  return {
    head: (head) => Number(head.headers.get('content-length')),
    room: () => room,
    took(bytes) {
      text += room.toString('latin1', 0, bytes)
      return undefined
    },
    text: () => text,
  }
}

function subject(
  url: string,
  proxy?: string,
): { get(reader?: Reader & { text(): string }): Promise<string>; usable(): boolean; target: Target } {
  const link = { url, headers: {}, proxy }
  const target = targetOf(link)
  const connection = createConnection(target, ca)
  cleanUp.push(async () => connection.end(new Error('over')))
  return {
    target,
    usable: () => connection.usable,
    async get(reader = collect()) {
      await connection.get(requestOf(link, target, { start: 0, end: 5 }), reader)
      return reader.text()
    },
  }
}

it('asks one after the other on one connection, heads and bodies in any pieces', async () => {
  const whole = answer('hello, this is a body')
  const port = await listen(createServer(scripted((nth) => (nth === 0 ? [...whole] : ['HTTP/1.1 100 Continue\r\n\r\n', whole]))))
  const { get, usable } = subject(`http://127.0.0.1:${port}/a`)
  expect([await get(), await get(), usable()]).toEqual(['hello, this is a body', 'hello, this is a body', true])
})

it.each(['localhost', '127.0.0.1'])('speaks TLS to %s, and only to whom it trusts', async (host) => {
  const requests: string[] = []
  const handler = scripted((_, request) => {
    requests.push(request)
    return [answer('x'.repeat(100_000))]
  })
  const port = await listen(createTlsServer({ key, cert: ca }, handler))
  expect((await subject(`https://${host}:${port}/a?b`).get(collect(4096))).length).toBe(100_000)
  expect(requests[0]?.split('\r\n')).toContain(`host: ${host}:${port}`)
  const stranger = createConnection(targetOf({ url: `https://${host}:${port}/`, headers: {} }), undefined)
  await expect(stranger.get('', collect())).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
})

it('sends the address byte for byte, and nothing that ends a line', async () => {
  const requests: string[] = []
  const port = await listen(
    createServer(
      scripted((_, request) => {
        requests.push(request)
        return [answer('hello')]
      }),
    ),
  )
  const path = "/a%2Fb/%7e/x y?Signature=a+b/%2B=~&Policy=(1)&x='&x=2"
  await expect(subject(`http://127.0.0.1:${port}${path}`).get()).rejects.toMatchObject({ code: 'hub_protocol' })
  await subject(`http://127.0.0.1:${port}${path.replace(' ', '%20')}#fragment`).get()
  expect(requests.map((request) => request.split('\r\n')[0])).toEqual([`GET ${path.replace(' ', '%20')} HTTP/1.1`])
  const injected = { url: 'http://127.0.0.1/', headers: { a: 'b\r\nauthorization: c' } }
  expect(() => requestOf(injected, targetOf(injected), undefined)).toThrow('cannot be asked for')
  expect(() => targetOf({ url: 'file:///etc/passwd', headers: {} })).toThrow('not followed')
})

it.each<[string, (nth: number) => readonly string[], unknown]>([
  ['a kept connection that was closed meanwhile', (nth) => (nth === 0 ? [answer('hello')] : ['end']), Woken],
  ['bytes that nobody asked for', () => [`${answer('hello')}more`], Error],
  ['another protocol', (nth) => (nth === 0 ? [answer('hello')] : ['SSH-2.0-OpenSSH_9.2\r\n']), /does not speak HTTP/],
])('%s', async (_, script, error) => {
  const port = await listen(createServer(scripted(script)))
  const { get } = subject(`http://127.0.0.1:${port}/`)
  expect(await get()).toBe('hello')
  await expect(get()).rejects.toThrow(error as RegExp)
})

it.each(['localhost', '127.0.0.1'])('%s is not connected to where private networks are not allowed', async (host) => {
  const requests: string[] = []
  const port = await listen(
    createServer(
      scripted((_, request) => {
        requests.push(request)
        return [answer('hello')]
      }),
    ),
  )
  const link = { url: `http://${host}:${port}/`, headers: {}, allowPrivate: false }
  const connection = createConnection(targetOf(link), ca)
  await expect(connection.get(requestOf(link, targetOf(link), undefined), collect())).rejects.toMatchObject({ code: 'EPRIVATE' })
  expect(requests).toEqual([])
})

it('a body that ends early, and a connection that is not kept', async () => {
  const early = await listen(createServer(scripted(() => ['HTTP/1.1 206 OK\r\ncontent-length: 9\r\n\r\nhello', 'end'])))
  await expect(subject(`http://127.0.0.1:${early}/`).get()).rejects.toThrow('ended 4 bytes early')
  const closing = await listen(createServer(scripted(() => [answer('hello', 'connection: close\r\n')])))
  const { get, usable } = subject(`http://127.0.0.1:${closing}/`)
  expect([await get(), usable()]).toEqual(['hello', false])
})

it('does not read on while it is held', async () => {
  const port = await listen(createServer(scripted(() => [answer('x'.repeat(1_000_000))])))
  let goOn = (): void => {}
  let came = 0
  const took = (bytes: number): Promise<void> => {
    came += bytes
    return new Promise((resolve) => {
      goOn = resolve
    })
  }
  const got = subject(`http://127.0.0.1:${port}/`).get({ ...collect(1000), took })
  for (let turns = 0; turns < 20 || came === 0; turns += 1) await new Promise((resolve) => setImmediate(resolve))
  // What came with the head.
  expect(came).toBeLessThanOrEqual(65_536)
  const before = came
  for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve))
  expect(came).toBe(before)
  const reading = setInterval(() => goOn(), 0)
  await got
  clearInterval(reading)
  expect(came).toBe(1_000_000)
})

/** A proxy that leads everything on, when it knows who asks. */
async function proxy(credential?: string): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = []
  const port = await listen(
    createServer((socket) => {
      socket.once('data', (data: Buffer) => {
        const request = data.toString('latin1')
        asked.push(request)
        if (credential !== undefined && !request.includes(`proxy-authorization: ${credential}\r\n`))
          return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n')
        const [, connecting, host, to] = /^(CONNECT |GET http:\/\/)([^:]+):(\d+)/.exec(request) ?? []
        const upstream = connect(Number(to), host)
        upstream.on('error', () => socket.destroy())
        if (connecting === 'CONNECT ') socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        else upstream.write(data)
        socket.pipe(upstream).pipe(socket)
      })
    }),
  )
  return { port, asked }
}

it('goes through a proxy: plain by its address, TLS by a tunnel, with its password and never with more', async () => {
  const { port, asked } = await proxy(`Basic ${Buffer.from('me:se cret').toString('base64')}`)
  const plain = await listen(createServer(scripted(() => [answer('plain')])))
  const secret = await listen(
    createTlsServer(
      { key, cert: ca },
      scripted(() => [answer('secret')]),
    ),
  )
  const by = `http://me:se%20cret@127.0.0.1:${port}`
  expect(await subject(`http://127.0.0.1:${plain}/a`, by).get()).toBe('plain')
  expect(await subject(`https://localhost:${secret}/a`, by).get()).toBe('secret')
  expect(asked.map((request) => request.split('\r\n')[0])).toEqual([
    `GET http://127.0.0.1:${plain}/a HTTP/1.1`,
    `CONNECT localhost:${secret} HTTP/1.1`,
  ])
})

it('a proxy that wants a password is waited for as a sign-in, one that leads nowhere as the network', async () => {
  const { port } = await proxy('Basic bm9ib2R5')
  const refused = subject('https://localhost:9/', `http://127.0.0.1:${port}`).get()
  await expect(refused).rejects.toMatchObject({ constructor: InBetween, why: 'sign-in' })
  const down = await listen(createServer(scripted(() => ['HTTP/1.1 502 Bad Gateway\r\n\r\n'])))
  await expect(subject('https://localhost:9/', `http://127.0.0.1:${down}`).get()).rejects.toMatchObject({ why: 'network' })
})
