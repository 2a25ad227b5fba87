/** Stands before a fake engine and breaks its answers to chats at a chosen byte, in a chosen way. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Break =
  | 'reset'
  /** The body ends here as if all were well. */
  | 'end'
  | 'stall'
  /** No length of a chunk comes where one belongs. */
  | 'bad-chunk'

export interface FaultyRelay extends AsyncDisposable {
  readonly url: string
  /** The next answers to chats are broken so; undefined: none is. */
  plan: { readonly at: number; readonly how: Break } | { readonly raw: string } | undefined
  /** Answers to chats that are under way. */
  readonly open: number
  /** Bytes of the last answer to a chat that was not broken. */
  readonly whole: number
}

export async function faultyRelay(target: string, chatPath: string): Promise<FaultyRelay> {
  let [open, whole] = [0, 0]
  const relay = { plan: undefined as FaultyRelay['plan'] }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const isChat = request.url === chatPath
    const answered = await fetch(target + request.url, {
      method: request.method ?? 'GET',
      headers: { 'content-type': 'application/json', accept: String(request.headers.accept ?? '*/*') },
      ...(pieces.length > 0 && { body: Buffer.concat(pieces) }),
    })
    const body = Buffer.from(await answered.arrayBuffer())
    const type = answered.headers.get('content-type') ?? 'application/json'
    if (isChat && !relay.plan) whole = body.length
    if (!isChat || !relay.plan) return void response.writeHead(answered.status, { 'content-type': type }).end(body)
    open += 1
    response.once('close', () => {
      open -= 1
    })
    if ('raw' in relay.plan) return void response.socket?.end(relay.plan.raw)
    const { at, how } = relay.plan
    response.writeHead(answered.status, { 'content-type': type })
    if (at > 0) await new Promise((resolve) => response.write(body.subarray(0, at), resolve))
    else response.flushHeaders()
    if (how === 'end') response.end()
    else if (how === 'reset') response.socket?.resetAndDestroy()
    else if (how === 'bad-chunk') response.socket?.end('zz\r\nnot a chunk\r\n')
  }
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return Object.defineProperties(relay, {
    url: { value: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    open: { get: () => open },
    whole: { get: () => whole },
    [Symbol.asyncDispose]: {
      value: async () => {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      },
    },
  }) as FaultyRelay
}
