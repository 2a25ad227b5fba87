/** Where the bytes of a file are: a signed address elsewhere, or here where they are small or the Hub is a mirror. */
import type { ServerResponse } from 'node:http'
import type { CdnServer } from './fake-cdn-server.ts'
import { moved } from './fake-hub-api.ts'
import { refuse, refuseGated, repositoryFor } from './fake-hub-refuse.ts'
import { commitOf, type FakeHubRepository, type Shelf, type ShelfFile, sha1 } from './fake-hub-shelf.ts'
import type { Asked } from './fake-server.ts'

export interface ResolveCall {
  readonly repositories: readonly FakeHubRepository[]
  readonly shelf: Shelf
  readonly cdn: CdnServer
  /** Has the bytes itself, and knows nothing of linked files. */
  readonly mirror: boolean
  /** An address is good only for the method that it was asked with. */
  readonly methodBound: boolean
  readonly asked: Asked
  readonly response: ServerResponse
  readonly signedIn: boolean
}

const resolvePath = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/
const cachePath = /^\/api\/resolve-cache\/models\/([^/]+\/[^/]+)\/([^/]+)\/(.+)$/
/** Of the redirect, which is not that of the file. */
const redirectBytes = 950

export const isResolve = (path: string): boolean => resolvePath.test(path) || cachePath.test(path)

export async function answerResolve(call: ResolveCall): Promise<void> {
  const { repositories, asked, response, signedIn, shelf, cdn } = call
  const cached = cachePath.exec(asked.path)
  const [, name = '', at = '', path = ''] = cached ?? resolvePath.exec(asked.path) ?? []
  const former = repositories.find(({ formerly = [] }) => formerly.includes(name))
  if (former) return moved(call, asked.path.replace(name, former.repo))
  const found = repositoryFor(repositories, response, { name, revision: decodeURIComponent(at), signedIn })
  if (!found) return
  if (found.gated && !(signedIn && found.granted)) return refuseGated(response, signedIn)
  const file = shelf.filesOf(found).find((one) => one.path === decodeURIComponent(path))
  if (!file) return refuse(response, { status: 404, code: 'EntryNotFound', message: 'Entry not found' })
  const range = textOf(asked.headers.range)
  if (cached || call.mirror) return cdn.serve(file, { method: asked.method, range }, response)
  response.setHeader('x-repo-commit', commitOf(found.repo))
  if (!file.lfs) return toCache(call, found, file)
  return toCdn(call, found, file)
}

/** A small file of git: on the same host, by a relative address. */
function toCache({ response }: ResolveCall, { repo }: FakeHubRepository, { path, oid }: ShelfFile): void {
  const location = `/api/resolve-cache/models/${repo}/${commitOf(repo)}/${encoded(path)}?etag=%22${oid}%22`
  response.writeHead(307, { location, 'x-linked-etag': `"${oid}"` }).end('Temporary Redirect')
}

async function toCdn({ asked, response, cdn, methodBound }: ResolveCall, { repo }: FakeHubRepository, file: ShelfFile): Promise<void> {
  const range = textOf(asked.headers.range)
  const location = cdn.sign(file, `/xet-bridge-us/${sha1(repo).slice(0, 24)}/${file.xetHash}`, {
    ...(range !== undefined && { range }),
    ...(methodBound && { method: asked.method }),
  })
  response
    .writeHead(302, {
      location,
      link: [
        `</api/models/${repo}/xet-read-token/${commitOf(repo)}>; rel="xet-auth"`,
        `<http://cas.invalid/v1/reconstructions/${file.xetHash}>; rel="xet-reconstruction-info"`,
      ].join(', '),
      'x-linked-size': file.bytes,
      'x-linked-etag': `"${await file.sha256()}"`,
      'x-xet-hash': file.xetHash,
      'cache-control': 'no-store',
      'accept-ranges': 'bytes',
      'content-type': 'text/plain; charset=utf-8',
    })
    .end(`Found. Redirecting to ${location}`.padEnd(redirectBytes))
}

const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/')
const textOf = (value: string | string[] | undefined): string | undefined => [value].flat()[0]
