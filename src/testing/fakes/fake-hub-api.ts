/** What the Hub tells of its models: search with pages, a model with its commit, its tree, some of its files. */
import type { ServerResponse } from 'node:http'
import { missing, refuse, repositoryFor } from './fake-hub-refuse.ts'
import { commitOf, type FakeHubRepository, type Shelf, type ShelfFile, sha1 } from './fake-hub-shelf.ts'
import { type Asked, sendJson } from './fake-server.ts'

export interface ApiCall {
  readonly repositories: readonly FakeHubRepository[]
  readonly shelf: Shelf
  readonly pageSize: number | undefined
  readonly asked: Asked
  readonly response: ServerResponse
  readonly signedIn: boolean
}

const modelPath = /^\/api\/models\/([^/]+\/[^/]+)(?:\/(revision|tree|paths-info|refs)(?:\/([^/]+)(.*))?)?$/

export async function answerApi(call: ApiCall): Promise<void> {
  const { repositories, asked, response, signedIn } = call
  if (asked.path === '/api/models' && asked.method === 'GET') return search(call)
  const [, name = '', kind = 'revision', at = 'main', rest = ''] = modelPath.exec(asked.path) ?? []
  const former = repositories.find(({ formerly = [] }) => formerly.includes(name))
  if (former) return moved(call, asked.path.replace(name, former.repo))
  if (asked.method !== (kind === 'paths-info' ? 'POST' : 'GET')) return refuse(response, { status: 405 })
  const found = repositoryFor(repositories, response, { name, revision: decodeURIComponent(at), signedIn })
  if (!found) return
  if (kind === 'refs')
    return sendJson(response, { branches: [{ name: 'main', ref: 'refs/heads/main', targetCommit: commitOf(found.repo) }] })
  if (kind === 'paths-info') return pathsInfo(call, found)
  if (kind === 'tree') return rest === '' ? tree(call, found) : missing(response, signedIn)
  const { licence } = found
  sendJson(response, { ...described(found), sha: commitOf(found.repo), ...(licence && { cardData: { license: licence } }) })
}

export function moved({ asked, response }: Pick<ApiCall, 'asked' | 'response'>, path: string): void {
  response.writeHead(307, { location: path + (asked.query.size > 0 ? `?${asked.query}` : '') }).end('Temporary Redirect')
}

function search(call: ApiCall): void {
  const { query } = call.asked
  const words = (query.get('search') ?? '').toLowerCase().split(/\s+/)
  const found = call.repositories
    .filter(({ repo, private: hidden }) => !hidden && words.every((word) => repo.toLowerCase().includes(word)))
    .sort((a, b) => (b.downloads ?? 0) - (a.downloads ?? 0))
  const limit = Number(query.get('limit') ?? 100)
  page(call, found.map(described), Math.min(limit, call.pageSize ?? limit))
}

async function tree(call: ApiCall, repository: FakeHubRepository): Promise<void> {
  const files = call.shelf.filesOf(repository)
  const folders = new Set(files.flatMap(({ path }) => (path.includes('/') ? [path.slice(0, path.lastIndexOf('/'))] : [])))
  const entries = [
    ...[...folders].map((path) => ({ type: 'directory', path, size: 0, oid: sha1(path) })),
    ...(await Promise.all(files.map(entryOf))),
  ]
  page(call, entries, call.pageSize ?? 1000)
}

/** What is not there is left out without a word. */
async function pathsInfo({ asked, response, shelf }: ApiCall, repository: FakeHubRepository): Promise<void> {
  const wanted: unknown = asked.body?.paths
  if (!Array.isArray(wanted)) return refuse(response, { status: 400, message: '"paths" is required' })
  const found = shelf.filesOf(repository).filter(({ path }) => wanted.includes(path))
  sendJson(response, await Promise.all(found.map(entryOf)))
}

async function entryOf({ path, bytes, oid, lfs, sha256, xetHash }: ShelfFile): Promise<Record<string, unknown>> {
  const outside = lfs && { lfs: { oid: await sha256(), size: bytes, pointerSize: 135 }, xetHash }
  return { type: 'file', path, size: bytes, oid, ...outside }
}

function page({ asked, response }: ApiCall, entries: readonly unknown[], size: number): void {
  const from = Number(asked.query.get('cursor') ?? 0)
  if (from + size < entries.length) {
    const query = new URLSearchParams(asked.query)
    query.set('cursor', String(from + size))
    response.setHeader('link', `<http://${asked.headers.host}${asked.path}?${query}>; rel="next"`)
  }
  sendJson(response, entries.slice(from, from + size))
}

function described({ repo, gated, licence, pipeline, gguf, downloads = 0 }: FakeHubRepository): Record<string, unknown> {
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
