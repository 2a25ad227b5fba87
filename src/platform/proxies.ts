/**
 * Which proxy a request goes through, by the variables that curl and others read: `HTTPS_PROXY`, `HTTP_PROXY`,
 * `ALL_PROXY`, `NO_PROXY`, the small letters first. Loopback is never proxied.
 */
import { ModelyardError } from '../contract/error.ts'
import { isLoopbackHost } from './loopback.ts'

/** As they were told, each with its variable: one that is of no use harms nobody before it is used. */
export interface Proxies {
  readonly http?: Proxy | undefined
  readonly https?: Proxy | undefined
  /** Hosts that are reached directly; `*`: all. */
  readonly except: readonly string[]
}

interface Proxy {
  readonly variable: string
  /** May hold a password: never shown. */
  readonly address: string
}

export const noProxies: Proxies = { except: [] }

type Variables = Readonly<Record<string, string | undefined>>

export function proxiesOf(variables: Variables): Proxies {
  const read = (name: string): string | undefined => (variables[name.toLowerCase()] ?? variables[name])?.trim() || undefined
  const proxy = (name: string): Proxy | undefined => {
    const variable = read(name) === undefined ? 'ALL_PROXY' : name
    const address = read(variable)
    return address === undefined ? undefined : { variable, address }
  }
  return {
    http: proxy('HTTP_PROXY'),
    https: proxy('HTTPS_PROXY'),
    except: (read('NO_PROXY') ?? '')
      .toLowerCase()
      .split(/[\s,]+/)
      .filter(Boolean),
  }
}

/** Undefined: directly. Throws `invalid_configuration` for a proxy that is none. */
export function proxyFor({ protocol, hostname, port }: URL, { http, https, except }: Proxies): string | undefined {
  if (isLoopbackHost(hostname)) return undefined
  const proxy = protocol === 'https:' ? https : http
  const own = port || (protocol === 'https:' ? '443' : '80')
  return except.some((one) => one === '*' || matches(one, hostname.toLowerCase(), own)) ? undefined : proxy && checked(proxy)
}

/** `example.org`, `.example.org` and `*.example.org` are that host and all below it; `:port` narrows it. */
function matches(entry: string, host: string, port: string): boolean {
  const [, name = entry, only] = /^(.+?):(\d+)$/.exec(entry.includes(']') || entry.split(':').length === 2 ? entry : '') ?? []
  if (only !== undefined && only !== port) return false
  const bare = (one: string): string => one.replace(/^\[|\]$/g, '')
  const wanted = bare(name).replace(/^\*?\./, '')
  return bare(host) === wanted || host.endsWith(`.${wanted}`)
}

function checked({ variable, address: told }: Proxy): string {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(told) ? told : `http://${told}`
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol) && isDecodable(address)) return address
  throw new ModelyardError('invalid_configuration', `${variable}: expected the address of an http or https proxy.`, {
    hint: 'Such as http://user:password@proxy.example:3128; NO_PROXY names hosts that need none.',
  })
}

function isDecodable(address: string): boolean {
  const { username, password } = new URL(address)
  try {
    return decodeURIComponent(username + password) !== undefined
  } catch {
    return false
  }
}
