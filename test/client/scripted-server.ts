import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'
import { type ModelyardError, toProblem } from '../../src/contract/index.ts'

export interface Asked {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

export interface ScriptedServer {
  readonly url: string
  readonly asked: Asked[]
  /** Drops every open connection, as a crash would. */
  drop(): void
  close(): Promise<void>
}

export type Script = (asked: Asked, response: ServerResponse) => void | Promise<void>

const open = new Set<ScriptedServer>()
afterEach(async () => {
  for (const server of open) await server.close()
  open.clear()
})

/** A server that answers as the test says. Ended after the test. */
export async function scriptedServer(script: Script): Promise<ScriptedServer> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body }
      asked.push(one)
      return script(one, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const made: ScriptedServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    drop: () => server.closeAllConnections(),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
  open.add(made)
  return made
}

export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': status < 300 ? 'application/json' : 'application/problem+json' }).end(JSON.stringify(body))
}

export function refuse(response: ServerResponse, error: ModelyardError, members: object = {}): void {
  const problem = toProblem(error)
  json(response, { ...problem, ...members }, problem.status)
}

export function eventStream(response: ServerResponse): {
  send(event: { type: string; seq?: number }): void
  end(): void
  /** Calls back when its reader has gone. */
  closed(callback: () => void): void
} {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.flushHeaders()
  return {
    send: (event) =>
      void response.write(`${event.seq === undefined ? '' : `id: ${event.seq}\n`}event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
    end: () => void response.end(),
    closed: (callback) => void response.once('close', callback),
  }
}

async function read(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text === '' ? undefined : JSON.parse(text)
}
