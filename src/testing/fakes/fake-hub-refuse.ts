/** How the Hub refuses: its codes in headers, its page for those who ask too much. */
import type { ServerResponse } from 'node:http'
import { commitOf, type FakeHubRepository, type HubBucket } from './fake-hub-shelf.ts'
import { type Asked, sendJson } from './fake-server.ts'

interface Refusal {
  readonly status: number
  readonly code?: string
  readonly message?: string
}

export function refuse(response: ServerResponse, { status, code, message = 'Refused' }: Refusal): void {
  if (code !== undefined) response.setHeader('x-error-code', code)
  response.setHeader('x-error-message', message)
  sendJson(response, { error: message }, status)
}

/** Whoever is not signed in is not told whether it is private or not there. */
export const missing = (response: ServerResponse, signedIn: boolean): void =>
  signedIn
    ? refuse(response, { status: 404, code: 'RepoNotFound', message: 'Repository not found' })
    : refuse(response, { status: 401, code: 'RepoNotFound', message: 'Invalid username or password.' })

export const refuseGated = (response: ServerResponse, signedIn: boolean): void =>
  refuse(response, { status: signedIn ? 403 : 401, code: 'GatedRepo', message: 'Access is restricted.' })

export interface Asking {
  readonly name: string
  readonly revision: string
  readonly signedIn: boolean
}

/** The repository at this revision; undefined when the answer has been given. */
export function repositoryFor(
  repositories: readonly FakeHubRepository[],
  response: ServerResponse,
  { name, revision, signedIn }: Asking,
): FakeHubRepository | undefined {
  const found = repositories.find((one) => one.repo.toLowerCase() === name.toLowerCase())
  if (!found || (found.private && !signedIn)) return void missing(response, signedIn)
  if (found.refuses === 'gated') return void refuseGated(response, signedIn)
  if (found.refuses === 'disabled') return void refuse(response, { status: 403, message: 'Access to this resource is disabled.' })
  if (revision === 'main' || revision === commitOf(found.repo)) return found
  return void refuse(response, { status: 404, code: 'RevisionNotFound', message: `Invalid rev id: ${revision}` })
}

/** A slash that is encoded takes a request out of its bucket. */
export function bucketOf(path: string): HubBucket {
  if (path.startsWith('/api/') && !path.startsWith('/api/resolve-cache/')) return 'api'
  return /\/resolve(?:-cache)?\//.test(path) && !/%2f/i.test(path) ? 'resolvers' : 'pages'
}

export interface Quotas {
  readonly used: Readonly<Record<HubBucket, number>>
  /** False when the answer has been given: it was one too many. */
  take(asked: Asked, response: ServerResponse): boolean
  /** The next window begins. */
  refill(): void
}

const usual: Readonly<Record<HubBucket, number>> = { api: 500, resolvers: 3000, pages: 100 }
/** About as long as the page that the Hub sends. */
const tooManyPage = `<!DOCTYPE html><html><head><title>429</title></head><body>${'<p>We had to rate limit you.</p>'.repeat(1700)}</body></html>`

export function createQuotas(quota: number | Partial<Record<HubBucket, number>> = {}, windowSeconds = 289): Quotas {
  const limits = typeof quota === 'number' ? { api: quota, resolvers: quota, pages: quota } : { ...usual, ...quota }
  const used = { api: 0, resolvers: 0, pages: 0 }
  let base = { ...used }
  return {
    used,
    take({ path }, response) {
      const bucket = bucketOf(path)
      used[bucket] += 1
      const left = limits[bucket] - (used[bucket] - base[bucket])
      response.setHeader('ratelimit', `"${bucket}";r=${Math.max(0, left)};t=${windowSeconds}`)
      response.setHeader('ratelimit-policy', `"fixed window";"${bucket}";q=${limits[bucket]};w=300`)
      if (left >= 0) return true
      response.writeHead(429, { 'content-type': 'text/html; charset=utf-8' }).end(tooManyPage)
      return false
    },
    refill() {
      base = { ...used }
    },
  }
}
