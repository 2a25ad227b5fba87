/** Addresses that are of no public network: what the internet sends us to must not be one. Source: IANA's special-purpose registries. */
import { BlockList, isIP } from 'node:net'

const ranges4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]
const ranges6: readonly (readonly [string, number])[] = [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
]
/** IPv4 inside IPv6: mapped, compatible, translated (RFC 6052, RFC 8215). */
const carriers: readonly string[] = ['::ffff:', '::', '::ffff:0:', '64:ff9b::', '64:ff9b:1::']

const list = new BlockList()
for (const [address, bits] of ranges6) list.addSubnet(address, bits, 'ipv6')
for (const [address, bits] of ranges4) {
  list.addSubnet(address, bits, 'ipv4')
  for (const carrier of carriers) list.addSubnet(carrier + address, 96 + bits, 'ipv6')
}

/** What is no address at all counts as private: nobody knows where it leads. */
export function isPrivateAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  const family = isIP(bare)
  return family === 0 || list.check(bare, family === 4 ? 'ipv4' : 'ipv6')
}
