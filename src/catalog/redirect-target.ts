/**
 * May the bytes of a file be fetched from where the Hub leads? Over http or https, not less protected than the Hub
 * itself, and not inside a private network unless the Hub is in one.
 */
import { ModelyardError } from '../contract/index.ts'
import { isInPrivateNetwork, type NetworkView } from '../platform/private-network.ts'

export interface TargetRules extends NetworkView {
  readonly endpoint: string
}

/** The address as the Hub gave it, byte for byte: it is signed as it stands. Throws `hub_redirect`, `hub_unreachable`. */
export async function checkTarget(location: string, rules: TargetRules): Promise<string> {
  const endpoint = new URL(rules.endpoint)
  const given = location.startsWith('//') ? endpoint.protocol + location : location
  const target = URL.canParse(given) ? new URL(given) : undefined
  if (!target) throw refused('what is no address')
  if (target.protocol !== 'https:' && target.protocol !== 'http:') throw refused(`an address of the scheme ${target.protocol.slice(0, 20)}`)
  if (target.protocol === 'http:' && endpoint.protocol === 'https:') throw refused(`${target.host} without encryption`)
  if (target.username !== '' || target.password !== '') throw refused(`${target.host} with a name and a password`)
  if (!/^[\x21-\x7e]{1,16384}$/.test(given)) throw refused(`${target.host} with characters that no address has`)
  if ((await isPrivate(target, rules)) && !(await isPrivate(endpoint, rules)))
    throw refused(`${target.host}, which is in a private network`)
  return given
}

async function isPrivate(address: URL, rules: TargetRules): Promise<boolean> {
  try {
    return await isInPrivateNetwork(address, rules)
  } catch (error) {
    if (ModelyardError.is(error)) throw error
    throw new ModelyardError('hub_unreachable', `The Hub leads to ${address.hostname}, which has no address now.`, { cause: error })
  }
}

const refused = (what: string): ModelyardError => new ModelyardError('hub_redirect', `The Hub leads to ${what}, which is not followed.`)
