/** A proxy as companies have one: it connects to whatever it is asked for, by names that only it knows. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

export interface FakeProxyOptions {
  /** `name:port` to a port of this machine; what is not there is refused with 502. */
  readonly routes?: Readonly<Record<string, number>>
  /** `user:password`; without them it answers 407. */
  readonly credentials?: string
}

export interface FakeProxy {
  readonly url: string
  /** What it was asked to connect to, in order. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

export async function fakeProxy({ routes = {}, credentials }: FakeProxyOptions = {}): Promise<FakeProxy> {
  const asked: string[] = []
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('error', () => undefined).once('close', () => sockets.delete(socket))
  }
  const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`
  const server = createServer((_, response) => void response.writeHead(501).end())
  server.on('connection', keep)
  server.on('connect', ({ url = '', headers }: IncomingMessage, client: Socket) => {
    asked.push(url)
    if (expected !== undefined && headers['proxy-authorization'] !== expected)
      return void client.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n',
      )
    const port = routes[url]
    if (port === undefined) return void client.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n')
    const target = keep(connect({ host: '127.0.0.1', port }))
    target.once('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      target.pipe(client).pipe(target)
    })
    client.once('close', () => target.destroy())
    target.once('close', () => client.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
