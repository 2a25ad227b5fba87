/** Faults that come before any byte of a file. */
import type { ServerResponse } from 'node:http'
import { setTimeout as after } from 'node:timers/promises'
import type { CdnFault } from './fake-cdn-faults.ts'
import { untilDrained } from './until-drained.ts'

const headerEveryMs = 20

/** True when the answer has been given, or never will be. */
export async function playAtDoor(fault: CdnFault, response: ServerResponse, bytes: number): Promise<boolean> {
  switch (fault.kind) {
    case 'busy':
      response
        .writeHead(fault.status ?? 503, { ...fault.headers, ...(fault.retryAfter !== undefined && { 'retry-after': fault.retryAfter }) })
        .end()
      return true
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>sign in</html>')
      return true
    case 'range-pinned':
      response.writeHead(403).end('Auth failed: invalid range')
      return true
    case 'unsatisfiable':
      response.writeHead(416, { 'content-range': `bytes */${bytes}` }).end()
      return true
    case 'never':
      return true
    case 'slow-headers':
      await slowHeaders(response)
      return true
    case 'endless-1xx':
      await endless1xx(response)
      return true
    default:
      return false
  }
}

/** One more header every now and then, and never the last. */
async function slowHeaders(response: ServerResponse): Promise<void> {
  response.socket?.write('HTTP/1.1 206 Partial Content\r\n')
  for (let index = 0; !response.destroyed; index += 1) {
    response.socket?.write(`x-${index}: y\r\n`)
    await after(headerEveryMs)
  }
}

async function endless1xx(response: ServerResponse): Promise<void> {
  const { socket } = response
  while (socket && !socket.destroyed) {
    socket.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(100))
    await untilDrained(socket)
    await after(1)
  }
}
