/** The listener: one port on one named address, the door before everything, the control API behind it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { createControlApi } from '../api/control-api.ts'
import { ModelyardError, toProblem } from '../contract/index.ts'
import { createGateway } from '../gateway/gateway.ts'
import type { GatewayLimits } from '../gateway/workshop.ts'
import type { Yard } from '../yard/yard.ts'
import { createAccess, type HomeToken } from './access.ts'
import { allowReading, preflightHeaders } from './cors.ts'
import { gatewayCaller } from './credential.ts'
import { callerOf, type DoorPolicy, doorPolicy, judge, valuesOf } from './door.ts'
import { endRevokedAnswers } from './open-answers.ts'
import { openapiText } from './openapi-text.ts'
import { createPage } from './page.ts'
import { portTaken } from './port-taken.ts'
import { createSocketDoor } from './sockets.ts'

export interface ListenOptions {
  readonly yard: Yard
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
  /** Origins of apps that may show the page in a frame; none when absent. */
  readonly frameAncestors?: readonly string[] | undefined
  /** Where the built page lies; that of the package when absent. */
  readonly pageFolder?: string | undefined
  /** The token of the home. */
  readonly tokens: HomeToken
  readonly log: (message: string, error?: unknown) => void
  /** Of the gateway; the usual ones where absent. */
  readonly limits?: Partial<GatewayLimits> | undefined
}

export interface Listening {
  readonly url: string
  readonly host: string
  readonly port: number
  /** Refuses new connections at once, gives running answers a moment, then ends them. Idempotent. */
  close(graceMs?: number): Promise<void>
}

const maxHeaderBytes = 16 * 1024
const headersMs = 10_000
/** A whole request, body included; answers may take as long as they want. */
const requestMs = 60_000
const maxConnections = 4096

export async function listen(options: ListenOptions): Promise<Listening> {
  const { yard, tokens, log, frameAncestors = [] } = options
  const access = createAccess(tokens, yard.tokens)
  const api = createControlApi({
    yard,
    scopeOf: (token) => access.accessOf(token)?.scope,
    openapi: openapiText,
    onFault: (error) => log('a request failed by a fault of ours', error),
  })
  const listener = getRequestListener((request, { incoming }) => api.fetch(request, callerOf(incoming as IncomingMessage)), {
    overrideGlobalObjects: false,
  })
  const gateway = createGateway({
    yard,
    caller: (request) => gatewayCaller(request, access),
    limits: options.limits,
    onFault: (error) => log('a request of the gateway failed by a fault of ours', error),
  })
  const page = createPage({ folder: options.pageFolder, frameAncestors, log })
  let policy: DoorPolicy = { hosts: new Set(), origins: new Set(), framed: false }
  const server = createServer(
    { maxHeaderSize: maxHeaderBytes, headersTimeout: headersMs, requestTimeout: requestMs, keepAliveTimeout: 30_000 },
    (request, response) => {
      const origin = letIn(request, response, policy, log)
      if (origin === 'refused') return
      harden(response, origin)
      if (request.method === 'OPTIONS') return preflight(request, response, origin)
      if (gateway.owns(request.url ?? '')) return gateway.handle(request, response)
      if (page.owns(request)) return void page.handle(request, response, () => void listener(request, response))
      void listener(request, response)
    },
  )
  server.maxConnections = maxConnections
  const sockets = createSocketDoor({ api, access, judge: (request) => judge(request, policy), log })
  server.on('upgrade', sockets.upgrade)
  server.on('clientError', refuseBroken)
  const connections = track(server)
  const unwatch = endRevokedAnswers(server, access)
  const port = await bind(server, options)
  policy = doorPolicy({ ...options, port, framed: frameAncestors.length > 0 })
  let closing: Promise<void> | undefined
  const close = async (graceMs: number): Promise<void> => {
    unwatch()
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    sockets.close()
    server.closeIdleConnections()
    const timer = setTimeout(() => {
      gateway.end(new ModelyardError('interrupted', 'The service is shutting down.'))
      // What was just said to them may leave first.
      setImmediate(() => setImmediate(() => connections.destroyAll()))
    }, graceMs)
    await closed
    clearTimeout(timer)
    await gateway.close()
    api.close()
  }
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host === '0.0.0.0' ? '127.0.0.1' : options.host}:${port}`,
    host: options.host,
    port,
    close(graceMs = 3000) {
      closing ??= close(graceMs)
      return closing
    },
  }
}

/** The allowed origin that asks, undefined for a program, or `refused` when the answer has been given. */
function letIn(
  request: IncomingMessage,
  response: ServerResponse,
  policy: DoorPolicy,
  log: ListenOptions['log'],
): string | undefined | 'refused' {
  const judged = judge(request, policy)
  if ('refusal' in judged) {
    log(`refused: ${judged.refusal.message} ${judged.refusal.hint}`)
    refuse(response, judged.refusal)
    return 'refused'
  }
  const doubled = doubledIn(request)
  if (doubled === undefined) return judged.origin
  refuse(response, new ModelyardError('invalid_request', `The header "${doubled}" came twice.`))
  return 'refused'
}

/** Nobody who means well sends these twice, and who reads the first may disagree with who reads the last. */
const single = new Set(['authorization', 'x-api-key', 'content-type', 'content-length'])

function doubledIn({ rawHeaders }: IncomingMessage): string | undefined {
  const seen: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toLowerCase() ?? ''
    if (!single.has(name)) continue
    if (seen.includes(name)) return name
    seen.push(name)
  }
  return undefined
}

function refuse(response: ServerResponse, error: ModelyardError): void {
  const problem = toProblem(error)
  harden(response, undefined)
  response.writeHead(problem.status, { 'content-type': 'application/problem+json', connection: 'close' })
  response.end(JSON.stringify(problem))
}

/** On every answer, whatever it is. Only an allowed origin is told that it may read. */
function harden(response: ServerResponse, origin: string | undefined): void {
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('referrer-policy', 'no-referrer')
  response.setHeader('cache-control', 'no-store')
  response.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
  response.setHeader('cross-origin-resource-policy', 'same-origin')
  if (origin !== undefined) allowReading(response, origin)
}

/** Without a token, as browsers send it; only for origins that are allowed. */
function preflight(request: IncomingMessage, response: ServerResponse, origin: string | undefined): void {
  if (origin === undefined || valuesOf(request, 'access-control-request-method').length !== 1) {
    return refuse(response, new ModelyardError('method_not_allowed', 'OPTIONS is answered for the preflight of an allowed origin only.'))
  }
  response.writeHead(204, preflightHeaders(request))
  response.end()
}

/** What is not HTTP gets one line, not a guess. */
function refuseBroken(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
}

function bind(server: Server, { host, port }: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE')
        return reject(new ModelyardError('invalid_configuration', `It cannot listen on ${host}:${port} (${error.code}).`, { cause: error }))
      void portTaken(host, port).then(reject)
    })
    server.listen({ host, port, exclusive: true }, () => resolve((server.address() as AddressInfo).port))
  })
}

function track(server: Server): { destroyAll(): void } {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return {
    destroyAll() {
      for (const socket of open) socket.destroy()
    },
  }
}
