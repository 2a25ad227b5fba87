/** Requests to the Hub: bounded in size and time, redirects within its own origin only, the token nowhere else. */
import { Agent, type Dispatcher } from 'undici'
import { abortReason, ModelyardError } from '../contract/index.ts'
import { gatherBytes } from '../platform/gathered-bytes.ts'
import { lookUp } from '../platform/look-up.ts'
import { version } from '../util/version.ts'
import { type About, networkError, refusal } from './hub-errors.ts'

export interface HubHttpOptions {
  /** Without a slash at its end; it may have a path. */
  readonly endpoint: string
  /** Asked for every call. */
  readonly token: () => Promise<string | undefined>
}

export interface HubHttp {
  /** A path below the endpoint, or an address of its origin. Throws the errors of `Hub`. */
  get(path: string, signal: AbortSignal, about?: Omit<About, 'endpoint'>): Promise<HubAnswer>
  close(): Promise<void>
}

export interface HubAnswer {
  readonly headers: Readonly<Record<string, string>>
  /** Parsed JSON. */
  readonly body: unknown
}

const maxBytes = 16 * 2 ** 20
const connectMs = 10_000
const answerMs = 30_000
const wholeMs = 60_000
const maxRedirects = 5
const maxHeaderBytes = 64 * 1024

export function createHubHttp({ endpoint, token }: HubHttpOptions): HubHttp {
  const { origin } = new URL(endpoint)
  const agent = new Agent({
    connect: { timeout: connectMs, autoSelectFamily: true, lookup: lookUp },
    headersTimeout: answerMs,
    bodyTimeout: answerMs,
    maxHeaderSize: maxHeaderBytes,
  })

  /** Refuses an address that is not the Hub's own. */
  const addressOf = (path: string, base: string): URL => {
    const address = URL.canParse(path, base) ? new URL(path, base) : undefined
    if (address?.origin === origin) return address
    throw new ModelyardError(
      'hub_protocol',
      `The Hub sends us to another place${address ? ` (${address.host})` : ''}, which is not followed.`,
      {
        hint: 'A proxy or a sign-in page may stand between; HF_ENDPOINT names another Hub.',
      },
    )
  }

  const follow = async (first: URL, signal: AbortSignal): Promise<Dispatcher.ResponseData> => {
    const secret = await token()
    const headers = {
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': `modelyard/${version}`,
      ...(secret !== undefined && { authorization: `Bearer ${secret}` }),
    }
    let address = first
    for (let hop = 0; hop <= maxRedirects; hop++) {
      const answer = await agent.request({ origin, path: address.pathname + address.search, method: 'GET', headers, signal })
      const location = answer.headers.location
      if (answer.statusCode < 300 || answer.statusCode > 399 || typeof location !== 'string') return answer
      answer.body.on('error', () => {}).destroy()
      address = addressOf(location, address.href)
    }
    throw new ModelyardError('hub_protocol', 'The Hub redirects again and again.')
  }

  return {
    async get(path, signal, about = {}) {
      if (signal.aborted) throw abortReason(signal)
      const limited = AbortSignal.any([signal, AbortSignal.timeout(wholeMs)])
      try {
        const answer = await follow(addressOf(path.startsWith('/') ? endpoint + path : path, endpoint), limited)
        const headers = flat(answer.headers)
        const text = await readText(answer)
        if (answer.statusCode !== 200) throw refusal({ status: answer.statusCode, headers, about: { ...about, endpoint } })
        return { headers, body: parsed(text) }
      } catch (error) {
        throw networkError(error, signal, new URL(endpoint).host)
      }
    },
    close: () => agent.destroy(),
  }
}

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

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const result: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(headers)) {
    const whole = Array.isArray(value) ? value.join(', ') : value
    if (whole !== undefined) result[name.toLowerCase()] = whole
  }
  return result
}
