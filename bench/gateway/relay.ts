/** What a gateway in Node costs at least: plain `node:http` in, undici's `dispatch` out, and nothing else. */
import { once } from 'node:events'
import { createServer, type OutgoingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'
import { type OwnProcess, ownProcess } from './own-process.ts'

export const startRelay = (upstream: string): Promise<OwnProcess> => ownProcess(new URL(import.meta.url).pathname, ['relay', upstream])

async function serve(upstream: string): Promise<number> {
  const pool = new Pool(upstream, { connections: null, pipelining: 1 })
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const body = Buffer.concat(pieces)
      const headers = { 'content-type': 'application/json', 'content-length': String(body.length) }
      pool.dispatch(
        { method: 'POST', path: request.url ?? '/', headers, body },
        {
          onRequestStart: (controller) => void response.on('drain', () => controller.resume()),
          onResponseStart: (_, status, headers) => void response.writeHead(status, passed(headers)),
          onResponseData: (controller, piece) => void (response.write(piece) || controller.pause()),
          onResponseEnd: () => void response.end(),
          onResponseError: () => void response.destroy(),
        },
      )
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

const passed = (headers: OutgoingHttpHeaders): OutgoingHttpHeaders =>
  Object.fromEntries(['content-type', 'content-length'].flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])))

if (process.send && process.argv[2] === 'relay') {
  process.on('disconnect', () => process.exit(0))
  process.send(`http://127.0.0.1:${await serve(process.argv[3] ?? '')}`)
}
