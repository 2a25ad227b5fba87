/** A stand-in for the Hub's content network, on real sockets: bytes that follow from their offset, and faults on wish. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Each is played on the requests for which `times` is left; default: all. */
export interface CdnFault {
  readonly kind:
    | 'reset'
    | 'early-end'
    | 'chunked-cut'
    | 'range-ignored'
    | 'changed'
    | 'busy'
    | 'stall'
    | 'corrupt'
    | 'html'
    | 'wrong-range'
    | 'extra'
    | 'empty'
    | 'range-pinned'
  /** Bytes of a body before it happens. */
  readonly after?: number
  readonly times?: number
  /** Of `busy`: 503, or 429 with `Retry-After`. */
  readonly status?: number
  readonly retryAfter?: string
}

export interface FakeCdnOptions {
  readonly bytes: number
  readonly faults?: readonly CdnFault[]
  /** A signed address is good for so many requests. */
  readonly usesPerLink?: number
}

export interface FakeCdn {
  /** A newly signed address. */
  sign(): string
  readonly bytesServed: number
  readonly requests: number
  readonly links: number
  /** Requests that carried a credential which is none of ours to see. */
  readonly leaks: number
  close(): Promise<void>
}

export function cdnBytes(start: number, end: number): Buffer {
  const bytes = Buffer.allocUnsafe(end - start)
  for (let at = start; at < end; at += 1)
    bytes[at - start] = at < 4 ? (magic[at] ?? 0) : (Math.imul(at ^ (at >>> 11), 0x9e3779b1) >>> 24) & 0xff
  return bytes
}
const magic = Buffer.from('GGUF')

export const cdnSha256 = (bytes: number): string => createHash('sha256').update(cdnBytes(0, bytes)).digest('hex')

export async function fakeCdn({ bytes, faults = [], usesPerLink = Number.POSITIVE_INFINITY }: FakeCdnOptions): Promise<FakeCdn> {
  const content = cdnBytes(0, bytes)
  const left = faults.map((fault) => ({ fault, times: fault.times ?? Number.POSITIVE_INFINITY }))
  const uses = new Map<string, number>()
  const counts = { bytesServed: 0, requests: 0, links: 0, leaks: 0 }
  const takeFault = (): CdnFault | undefined => {
    const found = left.find(({ times }) => times > 0)
    if (found) found.times -= 1
    return found?.fault
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    counts.requests += 1
    if (request.headers.authorization !== undefined) counts.leaks += 1
    const used = uses.get(request.url ?? '') ?? usesPerLink
    uses.set(request.url ?? '', used + 1)
    if (used >= usesPerLink) return void response.writeHead(403, { 'content-type': 'application/xml' }).end('<Error/>')
    const fault = takeFault()
    const kind = fault?.kind
    if (kind === 'busy')
      return void response.writeHead(fault?.status ?? 503, fault?.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter }).end()
    if (kind === 'html') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>sign in</html>')
    if (kind === 'range-pinned') return void response.writeHead(403).end('Auth failed: invalid range')
    const range = kind === 'range-ignored' ? null : /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
    const [start, end] = range ? [Number(range[1]), Math.min(Number(range[2]) + 1, bytes)] : [0, bytes]
    if (start >= bytes) return void response.writeHead(416, { 'content-range': `bytes */${bytes}` }).end()
    let body = content.subarray(start, end)
    const headers: Record<string, string | number> = {
      etag: kind === 'changed' ? '"other"' : '"one"',
      'content-type': 'application/octet-stream',
    }
    if (kind === 'corrupt') {
      body = Buffer.from(body)
      body[body.length - 1] = (body[body.length - 1] ?? 0) ^ 1
    }
    if (kind === 'extra') body = Buffer.concat([body, Buffer.alloc(64)])
    if (kind === 'empty') body = Buffer.alloc(0)
    if (kind !== 'chunked-cut') headers['content-length'] = body.length
    if (range) headers['content-range'] = `bytes ${kind === 'wrong-range' ? start + 1 : start}-${end - 1}/${bytes}`
    response.writeHead(range ? 206 : 200, headers)
    response.flushHeaders()
    const cut = kind === 'reset' || kind === 'early-end' || kind === 'chunked-cut' || kind === 'stall' ? (fault?.after ?? 0) : body.length
    for (let at = 0; at < Math.min(cut, body.length); at += 65_536) {
      const piece = body.subarray(at, Math.min(at + 65_536, cut, body.length))
      counts.bytesServed += piece.length
      if (!response.write(piece)) await Promise.race([once(response, 'drain'), once(response, 'close')])
      if (response.destroyed) return
    }
    if (cut >= body.length || kind === 'chunked-cut') return void response.end()
    if (kind === 'early-end') return void response.socket?.end()
    if (kind === 'reset') response.socket?.resetAndDestroy()
  }

  const server = createServer((request, response) => {
    response.on('error', () => undefined)
    answer(request, response).catch(() => response.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    sign() {
      counts.links += 1
      const path = `/object?Expires=1&Policy=x&Signature=${counts.links}`
      uses.set(path, 0)
      return `http://127.0.0.1:${port}${path}`
    },
    get bytesServed() {
      return counts.bytesServed
    },
    get requests() {
      return counts.requests
    },
    get links() {
      return counts.links
    },
    get leaks() {
      return counts.leaks
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
