/**
 * A stand-in for the Hugging Face Hub: search with pages, models with their commit, trees with sizes and hashes, and
 * its ways to refuse. Files have no content: only what the API tells of them is here.
 */
import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { type Asked, type FakeServer, type Route, sendJson, startFakeServer } from './fake-server.ts'

export interface FakeHubFile {
  readonly path: string
  readonly bytes: number
  /** As a file kept outside git has one; false: it is a small file of git itself. */
  readonly lfs?: boolean
}

export interface FakeHubRepository {
  readonly repo: string
  readonly files: readonly FakeHubFile[]
  readonly gated?: 'auto' | 'manual'
  /** Is not there for whoever brings no token. */
  readonly private?: boolean
  /** Refuses whatever is asked of it. */
  readonly refuses?: 'gated' | 'disabled'
  readonly licence?: string
  readonly pipeline?: string
  readonly gguf?: { readonly total?: number; readonly architecture?: string; readonly context_length?: number }
  readonly downloads?: number
  /** Other names that lead here, as after a renaming. */
  readonly formerly?: readonly string[]
}

export interface FakeHubOptions {
  readonly repositories: readonly FakeHubRepository[]
  /** Tokens that are good. */
  readonly tokens?: readonly string[]
  /** Entries on a page of the search and of a tree. */
  readonly pageSize?: number
  /** Requests that are answered before the Hub has had enough. */
  readonly quota?: number
}

/** `faults` and `ledger` as those of every fake. */
export interface FakeHub extends FakeServer {
  commitOf(repo: string): string
}

const window = 289
/** About as long as the page that the Hub sends. */
const tooManyPage = `<!DOCTYPE html><html><head><title>429</title></head><body>${'<p>We had to rate limit you.</p>'.repeat(1700)}</body></html>`

export async function fakeHub(options: FakeHubOptions): Promise<FakeHub> {
  const { quota = Number.POSITIVE_INFINITY } = options
  let left = quota
  const server = await startFakeServer((replying) => {
    const { asked, response } = replying
    left -= 1
    const rest = Number.isFinite(left) ? Math.max(0, left) : 499
    response.setHeader('ratelimit', `"api";r=${rest};t=${window}`)
    response.setHeader('ratelimit-policy', `"fixed window";"api";q=500;w=300`)
    if (left < 0) return void response.writeHead(429, { 'content-type': 'text/html; charset=utf-8' }).end(tooManyPage)
    const given = asked.headers.authorization
    const signedIn = given !== undefined && (options.tokens ?? []).some((one) => given === `Bearer ${one}`)
    if (given !== undefined && !signedIn) return refuse(response, { status: 401, message: 'Invalid credentials in Authorization header' })
    return answer(options, signedIn)(replying)
  })
  return { ...server, commitOf }
}

/** Stays the same as long as the name does. */
const commitOf = (repo: string): string => createHash('sha1').update(repo).digest('hex')

const answer =
  (options: FakeHubOptions, signedIn: boolean): Route =>
  ({ asked, response }) => {
    if (asked.method !== 'GET') return refuse(response, { status: 405 })
    if (asked.path === '/api/models') return search(options, asked, response)
    const [, repo = '', kind, at = 'main', ...folder] =
      /^\/api\/models\/([^/]+\/[^/]+)(?:\/(revision|tree)\/([^/]+)(.*))?$/.exec(asked.path) ?? []
    const former = options.repositories.find(({ formerly = [] }) => formerly.includes(repo))
    if (former)
      return void response.writeHead(307, { location: asked.path.replace(repo, former.repo) + queryOf(asked) }).end('Temporary Redirect')
    const found = options.repositories.find((one) => one.repo.toLowerCase() === repo.toLowerCase())
    if (!found || (found.private && !signedIn)) return missing(response, signedIn)
    if (found.refuses === 'gated')
      return refuse(response, { status: signedIn ? 403 : 401, code: 'GatedRepo', message: 'Access is restricted.' })
    if (found.refuses === 'disabled') return refuse(response, { status: 403, message: 'Access to this resource is disabled.' })
    const revision = decodeURIComponent(at)
    if (revision !== 'main' && revision !== commitOf(found.repo))
      return refuse(response, { status: 404, code: 'RevisionNotFound', message: `Invalid rev id: ${revision}` })
    if (kind === 'tree') return folder.join('') === '' ? tree(options, found, asked, response) : missing(response, signedIn)
    return sendJson(response, {
      ...described(found),
      sha: commitOf(found.repo),
      ...(found.licence && { cardData: { license: found.licence } }),
    })
  }

function search(options: FakeHubOptions, asked: Asked, response: ServerResponse): void {
  const words = (asked.query.get('search') ?? '').toLowerCase().split(/\s+/)
  const found = options.repositories
    .filter(({ repo, private: hidden }) => !hidden && words.every((word) => repo.toLowerCase().includes(word)))
    .sort((a, b) => (b.downloads ?? 0) - (a.downloads ?? 0))
  const limit = Number(asked.query.get('limit') ?? 100)
  page(found.map(described), { asked, response, size: Math.min(limit, options.pageSize ?? limit) })
}

function tree(options: FakeHubOptions, { files }: FakeHubRepository, asked: Asked, response: ServerResponse): void {
  const folders = new Set(files.flatMap(({ path }) => (path.includes('/') ? [path.slice(0, path.lastIndexOf('/'))] : [])))
  const entries = [
    ...[...folders].map((path) => ({ type: 'directory', path, size: 0, oid: sha1(path) })),
    ...files.map(({ path, bytes, lfs = true }) => ({
      type: 'file',
      path,
      size: bytes,
      oid: sha1(path),
      ...(lfs && { lfs: { oid: sha256(path), size: bytes, pointerSize: 135 }, xetHash: sha256(`xet ${path}`) }),
    })),
  ]
  page(entries, { asked, response, size: options.pageSize ?? 1000 })
}

interface Page {
  readonly asked: Asked
  readonly response: ServerResponse
  readonly size: number
}

function page(entries: readonly unknown[], { asked, response, size }: Page): void {
  const from = Number(asked.query.get('cursor') ?? 0)
  if (from + size < entries.length) {
    const query = new URLSearchParams(asked.query)
    query.set('cursor', String(from + size))
    response.setHeader('link', `<http://${asked.headers.host}${asked.path}?${query}>; rel="next"`)
  }
  sendJson(response, entries.slice(from, from + size))
}

function described({ repo, gated = undefined, licence, pipeline, gguf, downloads = 0 }: FakeHubRepository): Record<string, unknown> {
  return {
    _id: sha1(repo).slice(0, 24),
    id: repo,
    gated: gated ?? false,
    downloads,
    likes: 1,
    lastModified: '2026-05-01T08:00:00.000Z',
    tags: ['gguf', ...(licence ? [`license:${licence}`] : [])],
    ...(pipeline && { pipeline_tag: pipeline }),
    ...(gguf && { gguf }),
  }
}

/** Whoever is not signed in is not told whether it is private or not there. */
const missing = (response: ServerResponse, signedIn: boolean): void =>
  signedIn
    ? refuse(response, { status: 404, code: 'RepoNotFound', message: 'Repository not found' })
    : refuse(response, { status: 401, code: 'RepoNotFound', message: 'Invalid username or password.' })

interface Refusal {
  readonly status: number
  readonly code?: string
  readonly message?: string
}

function refuse(response: ServerResponse, { status, code, message = 'Refused' }: Refusal): void {
  if (code !== undefined) response.setHeader('x-error-code', code)
  response.setHeader('x-error-message', message)
  sendJson(response, { error: message }, status)
}

const queryOf = ({ query }: Asked): string => (query.size > 0 ? `?${query}` : '')
const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex')
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
