/** The content network as a server: signed addresses of many files, one count of everything. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { answerWith, type CdnObject, type CdnRequest, type Serving } from './fake-cdn-answer.ts'
import { type CdnCounts, newCounts } from './fake-cdn-counts.ts'
import { createFaultList, type FaultList } from './fake-cdn-faults.ts'
import { createLinks, type LinkOptions, type LinkRules } from './fake-cdn-links.ts'

export interface CdnServerOptions extends LinkOptions {
  /** Connections at once; the next ones get 503. */
  readonly maxConnections?: number | undefined
  /** Of one connection. */
  readonly bytesPerSecond?: number | undefined
  /** Under which signed addresses are given out; default: where it is. */
  readonly publicUrl?: string | undefined
}

export interface CdnServer {
  readonly url: string
  readonly counts: Readonly<CdnCounts>
  /** Of whatever file is asked for next. */
  readonly faults: FaultList
  sign(object: CdnObject, path: string, rules?: LinkRules): string
  /** An answer that somebody else gives for it: a mirror that has the bytes itself. */
  serve(object: CdnObject, request: CdnRequest, response: ServerResponse): Promise<void>
  close(): Promise<void>
}

export async function startCdnServer({
  maxConnections = Number.POSITIVE_INFINITY,
  bytesPerSecond,
  publicUrl,
  ...life
}: CdnServerOptions): Promise<CdnServer> {
  const links = createLinks<CdnObject>(life)
  const counts = newCounts()
  const faults = createFaultList()
  const sockets = new Set<Socket>()
  const serving = (): Serving => ({ counts, bytesPerSecond, fault: faults.take() })

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    counts.requests += 1
    if (request.headers.authorization !== undefined || request.headers.cookie !== undefined) {
      counts.leaks += 1
      return void response.writeHead(403).end('Only one auth mechanism allowed')
    }
    if (sockets.size > maxConnections) return void response.writeHead(503, { connection: 'close' }).end()
    const { method = '', url = '', headers } = request
    const wanted = { method, range: headers.range }
    if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405).end()
    const found = links.open(url, wanted)
    if ('why' in found)
      return void response.writeHead(403, { 'content-type': 'application/xml' }).end(`<Error><Message>${found.why}</Message></Error>`)
    return answerWith(found.object, wanted, response, serving())
  }

  const server = createServer((request, response) => {
    response.on('error', () => undefined)
    answer(request, response).catch(() => response.destroy())
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    counts.connections += 1
    counts.maxSockets = Math.max(counts.maxSockets, sockets.size)
    socket.once('close', () => sockets.delete(socket))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    counts,
    faults,
    sign(object, path, rules) {
      counts.links += 1
      return (publicUrl ?? url) + links.sign(object, path, rules)
    },
    serve: (object, request, response) => answerWith(object, request, response, serving()),
    async close() {
      server.closeAllConnections()
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
