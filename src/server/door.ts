/**
 * Who may come in at all, judged before any routing, for requests and upgrades alike: the form of the request line,
 * exactly one Host of ours, an Origin that is allowed. Any page in any browser can send requests to loopback, and a
 * name of any web site can be made to point here; the token alone is not the only wall.
 */
import type { IncomingMessage } from 'node:http'
import type { Caller } from '../api/control-api.ts'
import { ModelyardError } from '../contract/index.ts'
import { isLoopbackHost } from '../platform/loopback.ts'

export interface DoorPolicy {
  /** Exact values of `Host`, lower case, with the port. */
  readonly hosts: ReadonlySet<string>
  /** Exact values of `Origin`. */
  readonly origins: ReadonlySet<string>
  /** Pages of others may show ours in a frame. Which, the browser is told with the page. */
  readonly framed: boolean
}

export interface DoorOptions {
  readonly host: string
  readonly port: number
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
  readonly framed: boolean
}

/** The names under which we are reached, and the pages that may talk to us. */
export function doorPolicy({ host, port, allowedHosts, allowedOrigins, framed }: DoorOptions): DoorPolicy {
  const own = ['127.0.0.1', 'localhost', '[::1]', ...(host === '0.0.0.0' || host === '::' ? [] : [host.includes(':') ? `[${host}]` : host])]
  const names = own.map((name) => `${name.toLowerCase()}:${port}`)
  const extra = allowedHosts.map((name) => (/:\d+$/.test(name) ? name : `${name}:${port}`))
  return {
    hosts: new Set([...names, ...extra, ...(port === 80 ? own : [])]),
    origins: new Set([...names.map((name) => `http://${name}`), ...extra.map((name) => `http://${name}`), ...allowedOrigins]),
    framed,
  }
}

/** The refusal, or undefined. `origin` is set when an allowed page asks. */
export function judge(request: IncomingMessage, policy: DoorPolicy): { refusal: ModelyardError } | { origin: string | undefined } {
  const refusal = badForm(request) ?? badHost(request, policy)
  if (refusal) return { refusal }
  const origins = valuesOf(request, 'origin')
  if (origins.length > 1) return { refusal: new ModelyardError('forbidden', 'The request has two origins.') }
  const [origin] = origins
  if (origin === undefined) return policy.framed && isFrame(request) ? { origin } : crossSite(request)
  // An origin that is allowed by name outranks what Sec-Fetch-Site thinks of it.
  if (policy.origins.has(origin)) return { origin }
  return {
    refusal: forbidden(`The origin ${JSON.stringify(origin.slice(0, 100))} is not allowed.`, `--allow-origin ${origin.slice(0, 100)}`),
  }
}

/** Node drops headers above a number without a word; nobody who means well sends so many. */
const maxHeaders = 100

function badForm({ method, url, httpVersion, rawHeaders }: IncomingMessage): ModelyardError | undefined {
  if (rawHeaders.length > maxHeaders * 2) return new ModelyardError('invalid_request', `The request has more than ${maxHeaders} headers.`)
  const hop = strangeHop(rawHeaders)
  if (hop !== undefined) return new ModelyardError('invalid_request', `Connection may not name ${JSON.stringify(hop)}.`)
  if (method === 'TRACE' || method === 'CONNECT') return new ModelyardError('forbidden', `${method} is not answered.`)
  if (!url?.startsWith('/') || url.startsWith('//')) return new ModelyardError('forbidden', 'The request line has to name a path.')
  return httpVersion === '1.1' ? undefined : new ModelyardError('forbidden', 'HTTP/1.1 is needed.')
}

/** What a connection may be told about itself. A header of the request named here would be taken off on its way. */
const hops: ReadonlySet<string> = new Set(['', 'close', 'keep-alive', 'upgrade', 'te', 'http2-settings'])

function strangeHop(rawHeaders: readonly string[]): string | undefined {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== 'connection') continue
    const names = (rawHeaders[at + 1] ?? '').toLowerCase().split(',')
    const strange = names.map((name) => name.trim()).find((name) => !hops.has(name))
    if (strange !== undefined) return strange.slice(0, 100)
  }
  return undefined
}

function badHost(request: IncomingMessage, { hosts }: DoorPolicy): ModelyardError | undefined {
  const values = valuesOf(request, 'host')
  const [host] = values
  if (values.length !== 1 || host === undefined) return new ModelyardError('forbidden', 'Exactly one Host is needed.')
  if (hosts.has(host.toLowerCase())) return undefined
  const name = host.replace(/:\d+$/, '').slice(0, 100)
  return forbidden(`The host ${JSON.stringify(host.slice(0, 100))} is not ours.`, `--allow-host ${name}`)
}

/** A page sends this without an Origin for links, images and forms; a program sends none of it. */
function crossSite(request: IncomingMessage): { refusal: ModelyardError } | { origin: undefined } {
  const sites = valuesOf(request, 'sec-fetch-site')
  if (sites.every((site) => site === 'same-origin' || site === 'none')) return { origin: undefined }
  return { refusal: new ModelyardError('forbidden', 'A page of another site may not ask this.') }
}

/** A frame that loads the page itself: it is told no secret, and its browser shows it to whom the page allows. */
function isFrame(request: IncomingMessage): boolean {
  const is = (name: string, value: string): boolean => valuesOf(request, name).join() === value
  const asksPage = request.method === 'GET' && /^\/(?:\?|$)/.test(request.url ?? '')
  return asksPage && is('sec-fetch-mode', 'navigate') && is('sec-fetch-dest', 'iframe')
}

const forbidden = (message: string, flag: string): ModelyardError =>
  new ModelyardError('forbidden', message, { hint: `If that is meant: modelyard serve ${flag}` })

/** Headers of proxies: whoever is behind one may be anywhere. */
const forwarded = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via']

/** Judged by the connection; no header makes a caller local. */
export function callerOf(request: IncomingMessage): Caller {
  // An IPv4 address on a socket that speaks both begins so.
  const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/i, '')
  return { local: isLoopbackHost(address) && forwarded.every((name) => valuesOf(request, name).length === 0) }
}

/** All values of a header as they came; Node joins some and drops others. */
export function valuesOf({ rawHeaders }: IncomingMessage, name: string): string[] {
  const values: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at]?.toLowerCase() === name) values.push(rawHeaders[at + 1] ?? '')
  return values
}
