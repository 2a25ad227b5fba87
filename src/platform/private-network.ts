/** Is an address inside a private network, by itself or by what its name leads to? */
import type { LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { addressesOf as usualAddressesOf } from './look-up.ts'
import { isPrivateAddress } from './private-address.ts'
import { type Proxies, proxyFor } from './proxies.ts'

export interface NetworkView {
  readonly proxies: Proxies
  /** All addresses of a host. */
  readonly addressesOf?: ((host: string) => Promise<readonly string[]>) | undefined
}

/** What a proxy looks up is the proxy's to judge: names that only it knows have no address here. Throws what the look-up throws. */
export async function isInPrivateNetwork(address: URL, { proxies, addressesOf = usualAddressesOf }: NetworkView): Promise<boolean> {
  const { hostname } = address
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return isPrivateAddress(hostname)
  if (proxyFor(address, proxies) !== undefined) return false
  return (await addressesOf(hostname)).some(isPrivateAddress)
}

/** Finds no private addresses unless they are allowed: a name that was public a moment ago may have been given another one. */
export function guardedLookUp(base: LookupFunction, allowPrivate: () => Promise<boolean>): LookupFunction {
  return (host, options, done) =>
    base(host, { ...options, all: true }, (error, found) => {
      if (error) return done(error, [])
      const all = found as LookupAddress[]
      const give = (allowed: boolean): void => {
        const [first] = all
        if (!allowed || !first) return done(refused(host), [])
        if (options.all) done(null, all)
        else done(null, first.address, first.family)
      }
      if (!all.some(({ address }) => isPrivateAddress(address))) return give(true)
      allowPrivate().then(give, () => give(false))
    })
}

const refused = (host: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${host} leads into a private network`), { code: 'EPRIVATE' })
