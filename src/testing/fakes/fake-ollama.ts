/** A fake Ollama: the shapes, codes and orders of the recordings of 0.32.15. */
import { createShelf, type FakeEngineOptions, type FakeShelf } from './fake-models.ts'
import { type Asked, type FakeServer, sendJson, startFakeServer } from './fake-server.ts'
import { chat, generate } from './ollama-answer.ts'
import type { Answering } from './ollama-answering.ts'
import { blobHead, copy, pull, remove } from './ollama-change.ts'
import { embed } from './ollama-embed.ts'
import { ps, sameName, show, tags } from './ollama-listing.ts'
import { createPulls, type FakePullable, type FakePulls } from './ollama-own-registry.ts'
import { createStore, seedModel } from './ollama-store.ts'
import { v1Chat, v1Embeddings, v1Messages, v1Models, v1Responses } from './ollama-v1.ts'

export interface FakeOllamaOptions extends FakeEngineOptions {
  /** A folder for its models, laid out as the real one's: what lies there is there at the start. Without it, it has no files. */
  readonly store?: string
  /** What its own registry has to pull. */
  readonly pullable?: readonly FakePullable[]
}

export interface FakeOllama extends FakeServer {
  readonly shelf: FakeShelf
  readonly pulls: FakePulls
}

export async function fakeOllama(options: FakeOllamaOptions = {}): Promise<FakeOllama> {
  const store = options.store === undefined ? undefined : createStore(options.store)
  for (const { name } of store ? (options.models ?? []) : []) if (store && !store.find(name)) seedModel(store, name)
  const pulls = createPulls()
  const server = await startFakeServer(
    (replying) => route({ shelf, store, options, pulls, server, pullable: options.pullable ?? [], ...replying }),
    options.port === undefined ? {} : { port: options.port },
  )
  const shelf = createShelf(options, server.changed, sameName)
  for (const { name } of store?.models() ?? []) if (!shelf.find(name)) shelf.models.push({ name, broken: store?.isDamaged(name) ?? false })
  return Object.assign(server, { shelf, pulls })
}

function route(answering: Answering): unknown {
  const { asked, response } = answering
  if (foreign(asked)) return response.writeHead(403).end()
  if (asked.path === '/')
    return response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(asked.method === 'HEAD' ? '' : 'Ollama is running')
  if (asked.method === 'HEAD' && asked.path.startsWith('/api/blobs/')) return blobHead(answering)
  const found = routes[asked.path]
  if (!found) return response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found')
  if (found.method !== asked.method) return response.writeHead(405, { 'content-type': 'text/plain' }).end('405 method not allowed')
  if (asked.method === 'POST' && asked.body === undefined) return sendJson(response, { error: 'unexpected EOF' }, 400)
  return found.answer(answering)
}

/** Bound to loopback, it answers 403 without a word to a foreign name or page. */
function foreign({ headers }: Asked): boolean {
  const host = String(headers.host ?? '').replace(/:\d+$/, '')
  const origin = headers.origin
  const ownHost = /^(?:127\.0\.0\.1|localhost|\[::1\])$/.test(host) || /\.(?:localhost|local|internal)$/.test(host)
  return (
    !ownHost ||
    (origin !== undefined &&
      !/^(?:https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::\d+)?|(?:tauri|app|file|vscode-webview):\/\/.*)$/.test(String(origin)))
  )
}

const routes: Readonly<Record<string, { method: string; answer: (answering: Answering) => unknown }>> = {
  '/api/version': { method: 'GET', answer: ({ response }) => sendJson(response, { version: '0.32.15' }) },
  '/api/tags': { method: 'GET', answer: tags },
  '/api/ps': { method: 'GET', answer: ps },
  '/api/show': { method: 'POST', answer: show },
  '/api/generate': { method: 'POST', answer: generate },
  '/api/chat': { method: 'POST', answer: chat },
  '/api/embed': { method: 'POST', answer: embed },
  '/api/pull': { method: 'POST', answer: pull },
  '/api/copy': { method: 'POST', answer: copy },
  '/api/delete': { method: 'DELETE', answer: remove },
  '/v1/models': { method: 'GET', answer: v1Models },
  '/v1/chat/completions': { method: 'POST', answer: v1Chat },
  '/v1/responses': { method: 'POST', answer: v1Responses },
  '/v1/messages': { method: 'POST', answer: v1Messages },
  '/v1/embeddings': { method: 'POST', answer: v1Embeddings },
}
