/**
 * How a client of the gateway says who it is: with a bearer, with `x-api-key`, or, where it can send neither, with a
 * gateway token as the first segment of the path: `/t/TOKEN/v1/models`. The one place that reads it.
 */
import type { IncomingMessage } from 'node:http'
import { ModelyardError, type TokenHolder } from '../contract/index.ts'
import { bearerIn } from '../util/bearer.ts'
import type { Access } from './access.ts'
import { valuesOf } from './door.ts'

export interface PathToken {
  readonly token: string
  /** The path and query without it; begins with one slash. */
  readonly rest: string
}

/** Undefined for a path that has none. Nothing is decoded: a token needs no percent. */
export function pathToken(url: string): PathToken | undefined {
  const [, token, rest = ''] = /^\/t\/([A-Za-z0-9._~-]{1,512})((?:[/?].*)?)$/.exec(url) ?? []
  if (token === undefined || rest.startsWith('//')) return undefined
  return { token, rest: rest.startsWith('/') ? rest : `/${rest}` }
}

export interface GatewayCaller extends TokenHolder {
  /** The path and query that are meant. */
  readonly url: string
}

/**
 * Who asks the gateway, and for what. A token in the path outranks headers, for clients that have to send some key
 * send a made-up one; it is a gateway token or none. Throws `unauthorized`.
 */
export function gatewayCaller(request: IncomingMessage, access: Access): GatewayCaller {
  const url = request.url ?? '/'
  const inPath = pathToken(url)
  const token = inPath?.token ?? headerToken(request)
  if (token === undefined) throw new ModelyardError('unauthorized', 'No token came with the request.', { hint })
  const holder = access.accessOf(token)
  if (holder && (!inPath || holder.scope === 'gateway')) return { ...holder, url: inPath?.rest ?? url }
  const where = inPath ? 'The token in the path is no gateway token.' : 'The token is not the right one.'
  throw new ModelyardError('unauthorized', where, { hint })
}

const hint =
  'Make one with `modelyard token create NAME`; it is sent as "Authorization: Bearer …", as "x-api-key", or in the path: /t/TOKEN/…'

/** The bearer where there is one, else `x-api-key`; two of one kind are none. */
export function headerToken(request: IncomingMessage): string | undefined {
  const bearers = valuesOf(request, 'authorization')
  if (bearers.length > 0) return bearers.length === 1 ? bearerIn(bearers[0] ?? '') : undefined
  const keys = valuesOf(request, 'x-api-key')
  return keys.length === 1 && /^[\x21-\x7e]{1,512}$/.test(keys[0] ?? '') ? keys[0] : undefined
}
