/** A signed address as a connection and a request: its path is sent byte for byte, and nothing can hide in it. Pure. */
import { ModelyardError } from '../contract/error.ts'
import { rawPath } from '../util/raw-path.ts'
import type { Span } from './check-answer.ts'
import type { Link } from './links.ts'

export interface Endpoint {
  readonly host: string
  readonly port: number
  readonly tls: boolean
}

export interface Proxy extends Endpoint {
  /** Of `Proxy-Authorization`. */
  readonly credential: string | undefined
}

export interface Target extends Endpoint {
  readonly proxy: Proxy | undefined
  readonly allowPrivate: boolean
  /** What may be asked on one connection. */
  readonly key: string
}

export function targetOf({ url, proxy, allowPrivate = true }: Link): Target {
  const { protocol } = parse(url)
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new ModelyardError('hub_redirect', `Addresses of "${protocol.slice(0, 20)}" are not followed.`)
  const endpoint = endpointOf(parse(url))
  const by = proxy === undefined ? undefined : parse(proxy)
  const credential = by?.username ? Buffer.from(`${decodeURIComponent(by.username)}:${decodeURIComponent(by.password)}`) : undefined
  return {
    ...endpoint,
    allowPrivate,
    proxy: by && { ...endpointOf(by), credential: credential && `Basic ${credential.toString('base64')}` },
    key: `${protocol}//${endpoint.host}:${endpoint.port} ${allowPrivate} ${proxy ?? ''}`,
  }
}

function endpointOf({ hostname, port, protocol }: URL): Endpoint {
  const tls = protocol === 'https:'
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (tls ? 443 : 80), tls }
}

/** Without a span: the whole file, as a server wants to be asked that knows no ranges. */
export function requestOf({ url, headers }: Link, { tls, proxy }: Target, span: Span | undefined): string {
  const path = rawPath(url)
  const forwarded = proxy !== undefined && !tls
  const all: Record<string, string> = {
    host: parse(url).host,
    'user-agent': 'modelyard',
    accept: '*/*',
    'accept-encoding': 'identity',
    ...headers,
    ...(span && { range: `bytes=${span.start}-${span.end - 1}` }),
    ...(forwarded && proxy.credential !== undefined && { 'proxy-authorization': proxy.credential }),
  }
  const lines = [`GET ${forwarded ? `http://${parse(url).host}` : ''}${path} HTTP/1.1`]
  for (const [name, value] of Object.entries(all)) lines.push(`${name}: ${value}`)
  return checked(lines)
}

/** The way through a proxy, RFC 9110 section 9.3.6. */
export function tunnelOf({ host, port }: Endpoint, { credential }: Proxy): string {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const lines = [`CONNECT ${address} HTTP/1.1`, `host: ${address}`, 'user-agent: modelyard']
  if (credential !== undefined) lines.push(`proxy-authorization: ${credential}`)
  return checked(lines)
}

/** An address or a header that would end its line is none of ours to send. */
function checked(lines: readonly string[]): string {
  const [first = ''] = lines
  if (lines.some((line) => /[\0-\x08\x0a-\x1f\x7f]/.test(line)) || first.split(' ').length !== 3)
    throw new ModelyardError('hub_protocol', 'The Hub named an address that cannot be asked for.')
  return `${lines.join('\r\n')}\r\n\r\n`
}

function parse(url: string): URL {
  if (URL.canParse(url)) return new URL(url)
  throw new ModelyardError('hub_protocol', 'The Hub named an address that is none.')
}
