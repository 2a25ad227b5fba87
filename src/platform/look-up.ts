import { type LookupAddress, lookup } from 'node:dns'
import { lookup as lookupAll } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import { isLoopbackHost } from './loopback.ts'

const loopback: LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
]

/**
 * Addresses of a host, for a connection that tries them in turn. `localhost` is this machine over both families,
 * whatever a resolver says of it (RFC 6761): engines listen on one of them only.
 */
export const lookUp: LookupFunction = (host, options, done) => {
  if (!isLoopbackHost(host)) return lookup(host, options, done)
  const found = loopback.filter(({ family }) => !options.family || options.family === family || options.family === `IPv${family}`)
  const [first = loopback[0]] = found
  if (options.all) done(null, found)
  else done(null, first?.address ?? '', first?.family)
}

/** All addresses of a host; of an address itself. */
export async function addressesOf(host: string): Promise<string[]> {
  const name = host.replace(/^\[|\]$/g, '')
  const found = isLoopbackHost(name) ? loopback : await lookupAll(name, { all: true })
  return found.map(({ address }) => address)
}
