/** What every fake engine is made of: a real socket on loopback, a ledger of what was asked, faults on demand. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** Parsed; undefined where it is not JSON. */
  readonly body: Readonly<Record<string, unknown>> | undefined
}

/** What goes wrong. Those of the second group concern the stream of a chat; `after` counts its tokens. */
export type Fault =
  | { readonly kind: 'reset' | 'never' | 'html' | 'truncated-json' | 'endless' }
  | { readonly kind: 'status'; readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'redirect'; readonly to: string }
  | { readonly kind: 'hold'; readonly until: Promise<unknown> }
  | { readonly kind: 'cut' | 'reset-after'; readonly after: number }
  | { readonly kind: 'wrong-model'; readonly model: string }
  | { readonly kind: 'error-inside'; readonly message: string; readonly after?: number }
  | { readonly kind: 'nothing' }

export interface FaultRule {
  readonly method?: string
  /** The whole path, or its beginning with a `*` at the end. */
  readonly path?: string
  readonly model?: string
  readonly fault: Fault
  /** How often; always when absent. */
  readonly times?: number
}

export interface FakeServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly ledger: readonly Asked[]
  readonly faults: { add(rule: FaultRule): void; clear(): void }
  /** Resolves when the ledger, or the engine's state, satisfies it; looks after every request and every change. */
  waitFor(what: () => boolean): Promise<void>
  /** Something that `waitFor` may look at has changed. */
  changed(): void
  /** Ends all open connections, as a restarted engine does. */
  dropConnections(): void
  close(): Promise<void>
}

export interface Replying {
  readonly asked: Asked
  readonly response: ServerResponse
  /** A fault that the route itself has to play. */
  readonly fault: Fault | undefined
  /** Aborts when the caller leaves. */
  readonly signal: AbortSignal
}

export type Route = (replying: Replying) => unknown

export async function startFakeServer(route: Route, options: { port?: number } = {}): Promise<FakeServer> {
  const ledger: Asked[] = []
  const rules: { rule: FaultRule; left: number }[] = []
  const waiting = new Set<() => void>()
  const sockets = new Set<Socket>()
  const changed = (): void => {
    for (const look of [...waiting]) look()
  }

  const server = createServer((request, response) => {
    void (async () => {
      const asked = await read(request)
      ledger.push(asked)
      changed()
      const fault = takeFault(rules, asked)
      if (fault && (await playAtDoor(fault, response))) return
      const left = new AbortController()
      response.once('close', () => {
        left.abort()
        changed()
      })
      await route({ asked, response, fault, signal: left.signal })
    })().catch(() => response.destroy())
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ host: '127.0.0.1', port: options.port ?? 0 }, resolve))
  const { port } = server.address() as AddressInfo
  const dropConnections = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    dropConnections()
    await closed
  }

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    ledger,
    faults: {
      add: (rule) => void rules.push({ rule, left: rule.times ?? Number.POSITIVE_INFINITY }),
      clear: () => void rules.splice(0),
    },
    waitFor: (what) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!what()) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    changed,
    dropConnections,
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  const url = new URL(request.url ?? '/', 'http://fake.invalid')
  return { method: request.method ?? '', path: url.pathname, query: url.searchParams, headers: request.headers, text, body: parsed(text) }
}

function parsed(text: string): Asked['body'] {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Asked['body']) : undefined
  } catch {
    return undefined
  }
}

function takeFault(rules: { rule: FaultRule; left: number }[], asked: Asked): Fault | undefined {
  const found = rules.find(({ rule, left }) => left > 0 && applies(rule, asked))
  if (!found) return undefined
  found.left -= 1
  return found.rule.fault
}

function applies({ method, path, model }: FaultRule, asked: Asked): boolean {
  if (method !== undefined && method !== asked.method) return false
  if (path?.endsWith('*') ? !asked.path.startsWith(path.slice(0, -1)) : path !== undefined && path !== asked.path) return false
  return model === undefined || asked.body?.model === model
}

/** Faults that need no route. True when the answer has been given, or never will be. */
async function playAtDoor(fault: Fault, response: ServerResponse): Promise<boolean> {
  switch (fault.kind) {
    case 'reset':
      response.socket?.resetAndDestroy()
      return true
    case 'never':
      return true
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Another program</title>')
      return true
    case 'truncated-json':
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"models":[{"name":"a')
      return true
    case 'endless':
      pourOut(response)
      return true
    case 'status':
      for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value)
      sendJson(response, fault.body ?? { error: `status ${fault.status}` }, fault.status)
      return true
    case 'redirect':
      response.writeHead(302, { location: fault.to }).end()
      return true
    case 'hold':
      await fault.until
      return false
    default:
      return false
  }
}

/** As fast as it is read, for ever. */
function pourOut(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const piece = Buffer.alloc(65_536, '[')
  const pour = (): void => {
    while (!response.destroyed && response.write(piece));
  }
  response.on('drain', pour)
  pour()
}

export function sendJson(response: ServerResponse, body: unknown, status = 200, type = 'application/json; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body))
}
