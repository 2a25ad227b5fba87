import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

export interface RawRequest {
  readonly socket: Socket
  /** Counted from 1, of this server. */
  readonly connection: number
  /** Counted from 1, of this connection. */
  readonly request: number
  /** Request line and headers. */
  readonly head: string
}

export interface RawServer {
  readonly url: string
  readonly port: number
  /** `connection.request` of each request, in order. */
  readonly seen: string[]
  readonly heads: string[]
  [Symbol.asyncDispose](): Promise<void>
}

/** A server below HTTP: each request is answered by whatever bytes the test writes, or by none. */
export async function rawServer(answer: (request: RawRequest) => void, host = '127.0.0.1'): Promise<RawServer> {
  const seen: string[] = []
  const heads: string[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    const connection = ++connections
    let requests = 0
    let text = ''
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      for (let end = wholeRequest(text); end !== undefined; end = wholeRequest(text)) {
        const head = text.slice(0, text.indexOf('\r\n\r\n'))
        text = text.slice(end)
        requests += 1
        seen.push(`${connection}.${requests}`)
        heads.push(head)
        answer({ socket, connection, request: requests, head })
      }
    })
  })
  await listening(server, host)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    seen,
    heads,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const listening = (server: Server, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, resolve)
  })

/** Where the first request ends; undefined while it is not whole. */
function wholeRequest(text: string): number | undefined {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const length = Number(/content-length: (\d+)/i.exec(text.slice(0, headEnd))?.[1] ?? 0)
  const end = headEnd + 4 + length
  return text.length < end ? undefined : end
}

/** A whole answer with JSON in it. */
export const jsonAnswer = (body: unknown, status = '200 OK', headers = ''): string => {
  const text = JSON.stringify(body)
  return `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n${headers}\r\n${text}`
}

export const streamHead = 'HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n'
export const streamPiece = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
export const streamEnd = '0\r\n\r\n'
