/** Requests to the Hub: bounded in size and time, redirects within its own origin only, the token nowhere else. */
import type { Dispatcher } from 'undici'
import { abortReason, ModelyardError } from '../contract/index.ts'
import { gatherBytes } from '../platform/gathered-bytes.ts'
import { createOutbound } from '../platform/outbound.ts'
import { isInPrivateNetwork, type NetworkView } from '../platform/private-network.ts'
import { noProxies, type Proxies } from '../platform/proxies.ts'
import { version } from '../util/version.ts'
import { type About, networkError, refusal } from './hub-errors.ts'

export interface HubHttpOptions {
  /** Without a slash at its end; it may have a path. */
  readonly endpoint: string
  /** Asked for every call. */
  readonly token: () => Promise<string | undefined>
  /** Nothing is asked: every call throws `hub_unreachable`. */
  readonly offline?: boolean | undefined
  readonly proxies?: Proxies | undefined
  /** All addresses of a host, to tell private networks; a test has its own. */
  readonly addressesOf?: NetworkView['addressesOf']
}

type Subject = Omit<About, 'endpoint'>

export interface HubHttp {
  /** A path below the endpoint, or an address of its origin. Throws the errors of `Hub`. */
  get(path: string, signal: AbortSignal, about?: Subject): Promise<HubAnswer>
  post(path: string, body: unknown, signal: AbortSignal, about?: Subject): Promise<HubAnswer>
  /** Where a path leads: its body is not read, and an address of another origin is told, not followed. */
  locate(path: string, signal: AbortSignal, about?: Subject): Promise<HubPlace>
  /** For other origins, without anything that is the Hub's. */
  readonly outbound: Dispatcher
  close(): Promise<void>
}

export interface HubAnswer {
  readonly headers: Readonly<Record<string, string>>
  /** Parsed JSON. */
  readonly body: unknown
}

export interface HubPlace {
  readonly headers: Readonly<Record<string, string>>
  /** The last address of the Hub that was asked. */
  readonly asked: string
  /** What that was asked with, the token among it. */
  readonly sent: Readonly<Record<string, string>>
  /** `Location` as it came; absent where the Hub has the bytes itself. */
  readonly elsewhere?: string | undefined
}

const maxBytes = 16 * 2 ** 20
const connectMs = 10_000
const wholeMs = 60_000
const maxRedirects = 5
export const userAgent = `modelyard/${version}`

interface Wanted {
  readonly accept: string
  readonly body?: unknown
}

interface Followed {
  readonly answer: Dispatcher.ResponseData
  readonly place: HubPlace
}

export function createHubHttp({ endpoint, token, offline = false, proxies = noProxies, addressesOf }: HubHttpOptions): HubHttp {
  const { origin, host } = new URL(endpoint)
  const allowPrivate = (): Promise<boolean> => isInPrivateNetwork(new URL(endpoint), { proxies, addressesOf })
  const outbound = createOutbound({ proxies, connectMs, allowPrivate })
  const json = { accept: 'application/json' }

  const headersFor = async ({ accept, body }: Wanted): Promise<Record<string, string>> => {
    const secret = await token()
    return {
      accept,
      'accept-encoding': 'identity',
      'user-agent': userAgent,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(secret !== undefined && { authorization: `Bearer ${secret}` }),
    }
  }

  const follow = async (first: URL, wanted: Wanted, signal: AbortSignal): Promise<Followed> => {
    const sent = await headersFor(wanted)
    const body = wanted.body === undefined ? null : JSON.stringify(wanted.body)
    const method = body === null ? 'GET' : 'POST'
    let address = first
    for (let hop = 0; hop <= maxRedirects; hop++) {
      const answer = await outbound.request({ origin, path: address.pathname + address.search, method, headers: sent, body, signal })
      const headers = flat(answer.headers)
      const place = { headers, asked: address.href, sent }
      const { location } = headers
      if (answer.statusCode < 300 || answer.statusCode > 399 || location === undefined) return { answer, place }
      leave(answer)
      const next = URL.canParse(location, address.href) ? new URL(location, address.href) : undefined
      if (next?.origin !== origin) return { answer, place: { ...place, elsewhere: location } }
      address = next
    }
    throw new ModelyardError('hub_redirect', 'The Hub redirects again and again.')
  }

  /** Refuses an address that is not the Hub's own. */
  const addressOf = (path: string): URL => {
    const whole = path.startsWith('/') ? endpoint + path : path
    const address = URL.canParse(whole) ? new URL(whole) : undefined
    if (address?.origin === origin) return address
    throw elsewhere(whole)
  }

  const within = async <T>(signal: AbortSignal, work: (limited: AbortSignal) => Promise<T>): Promise<T> => {
    if (signal.aborted) throw abortReason(signal)
    if (offline) throw isOffline()
    try {
      return await work(AbortSignal.any([signal, AbortSignal.timeout(wholeMs)]))
    } catch (error) {
      throw networkError(error, signal, host)
    }
  }

  const ask = (path: string, wanted: Wanted, signal: AbortSignal, about: Subject): Promise<HubAnswer> =>
    within(signal, async (limited) => {
      const { answer, place } = await follow(addressOf(path), wanted, limited)
      if (place.elsewhere !== undefined) throw elsewhere(place.elsewhere)
      const text = await readText(answer)
      const { headers } = place
      if (answer.statusCode !== 200) throw refusal({ status: answer.statusCode, headers, about: { ...about, endpoint } })
      return { headers, body: parsed(text) }
    })

  return {
    outbound,
    get: (path, signal, about = {}) => ask(path, json, signal, about),
    post: (path, body, signal, about = {}) => ask(path, { ...json, body }, signal, about),
    locate: (path, signal, about = {}) =>
      within(signal, async (limited) => {
        const { answer, place } = await follow(addressOf(path), { accept: '*/*' }, limited)
        leave(answer)
        if (answer.statusCode !== 200 && place.elsewhere === undefined)
          throw refusal({ status: answer.statusCode, headers: place.headers, about: { ...about, endpoint } })
        return place
      }),
    close: () => outbound.destroy(),
  }
}

const leave = ({ body }: Dispatcher.ResponseData): void => void body.on('error', () => {}).destroy()

function elsewhere(location: string): ModelyardError {
  const host = URL.canParse(location) ? ` (${new URL(location).host})` : ''
  return new ModelyardError('hub_redirect', `The Hub sends us to another place${host}, which is not followed.`, {
    hint: 'A proxy or a sign-in page may stand between; HF_ENDPOINT names another Hub.',
  })
}

const isOffline = (): ModelyardError =>
  new ModelyardError('hub_unreachable', 'Nothing is asked of the Hub: HF_HUB_OFFLINE is set.', {
    hint: 'Unset HF_HUB_OFFLINE and start again.',
    retryable: false,
  })

async function readText({ body }: Dispatcher.ResponseData): Promise<string> {
  const gathered = gatherBytes(
    maxBytes,
    () => new ModelyardError('hub_protocol', `The Hub sent more than the ${maxBytes} bytes that an answer may have.`),
  )
  for await (const chunk of body as AsyncIterable<Uint8Array>) gathered.add(chunk)
  return gathered.take().toString('utf8')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ModelyardError('hub_protocol', `The Hub did not answer in JSON${/^\s*</.test(text) ? ' but with a page' : ''}.`)
  }
}

export function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const result: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(headers)) {
    const whole = Array.isArray(value) ? value.join(', ') : value
    if (whole !== undefined) result[name.toLowerCase()] = whole
  }
  return result
}
