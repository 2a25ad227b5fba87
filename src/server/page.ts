/**
 * The page, at `/`: the only answers without a token besides health and signing in. It holds no secret; what it shows
 * it asks for, with the token of its browser.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { once } from '../util/once.ts'
import { isPagePath, type PageFile, type PageFiles, readPageFiles } from './page-files.ts'

export interface PageOptions {
  /** Where the built page lies; that of the package when absent. */
  readonly folder?: string | undefined
  /** Origins of apps that may show the page in a frame. */
  readonly frameAncestors: readonly string[]
  readonly log: (message: string, error?: unknown) => void
}

export interface Page {
  /** It may be a file of the page. */
  owns(request: IncomingMessage): boolean
  /** Answers, or hands on what is no file of the page. */
  handle(request: IncomingMessage, response: ServerResponse, handOn: () => void): Promise<void>
}

export function createPage({ folder = builtFolder(), frameAncestors, log }: PageOptions): Page {
  const read = (): Promise<PageFiles> =>
    readPageFiles(folder).catch((error) => {
      log('the page cannot be read', error)
      return new Map()
    })
  let files = once(read)
  /** A page that was not there may have been built since. */
  const current = async (): Promise<PageFiles> => {
    const found = await files()
    if (!found.has('/')) files = once(read)
    return found
  }

  return {
    owns: ({ method, url = '' }) => (method === 'GET' || method === 'HEAD') && isPagePath(pathOf(url)),
    async handle(request, response, handOn) {
      const path = pathOf(request.url ?? '')
      const file = (await current()).get(path)
      if (!file && path !== '/') return handOn()
      protect(response, request.headers.host ?? '', frameAncestors)
      const { type, bytes } = file ?? notBuilt
      response.setHeader('cache-control', cachingOf(file))
      response.writeHead(file ? 200 : 503, { 'content-type': type, 'content-length': bytes.length })
      response.end(request.method === 'HEAD' ? undefined : bytes)
    },
  }
}

/** From source this file lies in src/server; a bundle has the page beside it. */
function builtFolder(): string {
  return fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../dist/web/' : './web/', import.meta.url))
}

const pathOf = (url: string): string => url.split('?', 1)[0] ?? ''

const cachingOf = (file: PageFile | undefined): string => (file?.hashed ? 'public, max-age=31536000, immutable' : 'no-store')

const notBuilt = {
  type: 'text/html; charset=utf-8',
  bytes: Buffer.from(
    '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Modelyard</title>\n' +
      '<h1>The page is not built yet</h1>\n<p>Run <code>npm run build</code> in the folder of Modelyard, then reload. ' +
      'The service itself runs: <code>modelyard status</code>.</p></html>\n',
  ),
}

/**
 * `host` has been judged: it is one of our own names. It stands beside 'self' because not every engine takes 'self' for
 * the WebSocket of the same origin: https://www.w3.org/TR/CSP3/#match-url-to-source-expression
 */
export function pagePolicy(host: string, frameAncestors: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ws://${host}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${frameAncestors.length === 0 ? "'none'" : frameAncestors.join(' ')}`,
    "require-trusted-types-for 'script'",
  ].join('; ')
}

function protect(response: ServerResponse, host: string, frameAncestors: readonly string[]): void {
  response.setHeader('content-security-policy', pagePolicy(host, frameAncestors))
  response.setHeader('cross-origin-opener-policy', 'same-origin')
  response.setHeader('permissions-policy', 'camera=(), microphone=(), geolocation=()')
  if (frameAncestors.length === 0) response.setHeader('x-frame-options', 'DENY')
}
