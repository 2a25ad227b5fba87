/**
 * Where the bytes of a file are. The request is bare, since the Hub signs an address for exactly the range that it was
 * asked with, and a GET, since some addresses are signed for the method.
 */
import { ModelyardError } from '../contract/index.ts'
import { type HubHttp, type HubPlace, userAgent } from './hub-http.ts'
import { renewalOf } from './link-life.ts'
import { checkTarget, type TargetRules } from './redirect-target.ts'
import type { RemoteFile, ResolvedFile } from './remote-file.ts'

export async function resolveFile(http: HubHttp, rules: TargetRules, file: RemoteFile, signal: AbortSignal): Promise<ResolvedFile> {
  const { repo, commit, path } = file
  const place = await http.locate(`/${repo}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`, signal, { repo, path })
  const { 'x-repo-commit': told = commit } = place.headers
  if (told !== commit) throw new ModelyardError('hub_protocol', `The Hub answered with another commit than ${commit}.`)
  const promised = promisedIn(place.headers)
  if (place.elsewhere === undefined) return { ...ownPlace(place), ...promised }
  const url = await checkTarget(place.elsewhere, rules)
  return {
    url,
    headers: { 'user-agent': userAgent },
    renewAt: renewalOf(url, place.headers.date, performance.now()),
    etag: /^[0-9a-f]{64}$/.exec(place.headers['x-xet-hash'] ?? '')?.[0],
    ...promised,
  }
}

/** A mirror that has the bytes itself, or a small file of the Hub: asked again as it was asked now. */
function ownPlace({ asked, sent, headers }: HubPlace): ResolvedFile {
  if (/html/i.test(headers['content-type'] ?? ''))
    throw new ModelyardError('hub_protocol', 'The Hub sent a page in place of a file.', {
      hint: 'A proxy or a sign-in page may stand between; HF_ENDPOINT names another Hub.',
    })
  const { accept: _, 'accept-encoding': __, ...kept } = sent
  return { url: asked, headers: kept, bytes: sizeIn(headers['content-length']), etag: /^"([^"]{1,200})"$/.exec(headers.etag ?? '')?.[1] }
}

/** What the linked file is, whoever sends it. Its `Content-Length` is that of the redirect. */
function promisedIn(headers: HubPlace['headers']): Pick<ResolvedFile, 'bytes' | 'sha256'> {
  const bytes = sizeIn(headers['x-linked-size'])
  const sha256 = /^"?([0-9a-f]{64})"?$/.exec(headers['x-linked-etag'] ?? '')?.[1]
  return { ...(bytes !== undefined && { bytes }), ...(sha256 !== undefined && { sha256 }) }
}

const sizeIn = (value: string | undefined): number | undefined => {
  const size = /^\d{1,16}$/.test(value ?? '') ? Number(value) : undefined
  return Number.isSafeInteger(size) ? size : undefined
}
