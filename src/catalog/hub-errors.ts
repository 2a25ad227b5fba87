/** From what the Hub, or the network before it, answers to one of our codes. Its bodies are never repeated. */
import { abortReason, ModelyardError } from '../contract/index.ts'
import { proxyRefusal } from '../platform/outbound.ts'
import { retryAfterMs } from '../util/retry-after.ts'

/** What was asked for. */
export interface About {
  readonly endpoint: string
  readonly repo?: string | undefined
  /** A file of it. */
  readonly path?: string | undefined
}

export interface Refused {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly about: About
}

/** `X-Error-Code` counts more than the status: the Hub answers 401 for what does not exist. */
export function refusal({ status, headers, about }: Refused): ModelyardError {
  const { repo, path } = about
  const code = headers['x-error-code']
  if (code === 'GatedRepo') return gated(about)
  if (code === 'RevisionNotFound') return new ModelyardError('repo_not_found', `The repository ${repo ?? ''} has no such revision.`)
  if (code === 'EntryNotFound' && path !== undefined)
    return new ModelyardError('repo_not_found', `The repository ${repo ?? ''} has no file ${path}.`)
  if (code === 'RepoNotFound' || code === 'EntryNotFound' || status === 404) return missing(about)
  if (status === 429) return tooMany(headers)
  if (status === 401 && /invalid credentials/i.test(headers['x-error-message'] ?? '')) return badToken()
  if (status === 401) return missing(about)
  if (status === 403) return disabled(about)
  if (status >= 500) return new ModelyardError('hub_unreachable', `The Hub has a fault of its own (${status}).`)
  return new ModelyardError('hub_protocol', `The Hub answered with ${status}, which was not expected.`)
}

const missing = ({ repo }: About): ModelyardError =>
  repo === undefined
    ? new ModelyardError('hub_protocol', 'The Hub has nothing where its search should be.', {
        hint: 'HF_ENDPOINT may name what is no Hub.',
      })
    : new ModelyardError('repo_not_found', `The Hub has no repository ${repo}, or it is private.`)

const gated = ({ endpoint, repo }: About): ModelyardError => {
  const page = `${endpoint}/${repo ?? ''}`
  return new ModelyardError('gated', `The repository ${repo ?? ''} asks for a sign-in or a licence.`, {
    hint: `Open ${page}, accept its terms, and sign in with \`hf auth login\` or HF_TOKEN.`,
    details: { url: page },
  })
}

const badToken = (): ModelyardError =>
  new ModelyardError('gated', 'The Hub does not accept our token.', { hint: 'Correct HF_TOKEN, or sign in again with `hf auth login`.' })

const disabled = ({ repo }: About): ModelyardError =>
  new ModelyardError('gated', `The Hub refuses access to ${repo ?? 'this'}.`, { hint: 'It may be disabled, or not meant for this token.' })

const defaultWaitMs = 60_000
const longestWaitMs = 3_600_000

function tooMany(headers: Refused['headers']): ModelyardError {
  const retryAfterMs = waitOf(headers)
  return new ModelyardError('rate_limited', 'The Hub has had too many requests from here.', {
    hint: `Try again in ${Math.ceil(retryAfterMs / 1000)} seconds; with a token the Hub allows more.`,
    details: { retryAfterMs },
  })
}

/** `Retry-After`, else the rest of the window that `RateLimit` tells, and a second. */
function waitOf(headers: Refused['headers']): number {
  const window = /\br=0\s*;\s*t=(\d{1,6})/.exec(headers.ratelimit ?? '')?.[1]
  const wait = retryAfterMs(headers['retry-after'], Date.now()) ?? (window === undefined ? defaultWaitMs : (Number(window) + 1) * 1000)
  return Math.min(longestWaitMs, Math.max(1000, wait))
}

/** The signal's own reason when the caller left. */
export function networkError(error: unknown, signal: AbortSignal, host: string): ModelyardError {
  if (ModelyardError.is(error)) return error
  if (signal.aborted) return abortReason(signal)
  const refused = proxyRefusal(error)
  if (refused !== undefined) return proxyRefused(refused, error)
  const { name, code } = told(error)
  if (name === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
    return new ModelyardError('timeout', `The Hub at ${host} did not answer in time.`, { cause: error })
  if (code === 'EPRIVATE')
    return new ModelyardError('hub_redirect', `${host} leads into a private network now, and is not followed.`, { cause: error })
  if (name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW' || code.startsWith('HPE_'))
    return new ModelyardError('hub_protocol', `What answers at ${host} does not speak HTTP as expected.`, { cause: error })
  return new ModelyardError('hub_unreachable', `The Hub at ${host} does not answer${code === '' ? '' : ` (${code})`}.`, { cause: error })
}

/** The proxy's own address is not repeated: it may hold a password. */
function proxyRefused(status: number, cause: unknown): ModelyardError {
  if (status === 407)
    return new ModelyardError('hub_unreachable', 'The proxy asks for a sign-in (407).', {
      hint: 'Put user and password into HTTPS_PROXY, as http://user:password@host:port.',
      retryable: false,
      cause,
    })
  return new ModelyardError('hub_unreachable', `The proxy does not let us through (${status}).`, {
    hint: 'HTTPS_PROXY names it; NO_PROXY names hosts that need none.',
    cause,
  })
}

function told(error: unknown): { name: string; code: string } {
  if (!(error instanceof Error)) return { name: '', code: '' }
  const { name, cause } = error
  if ('code' in error && typeof error.code === 'string') return { name, code: error.code }
  return cause instanceof Error ? told(cause) : { name, code: '' }
}
