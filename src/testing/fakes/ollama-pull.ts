/** The fake Ollama's pull from a registry: it asks, is led elsewhere, fetches ranges and checks as the real one does. */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { type Dispatcher, request } from 'undici'
import type { FakeStore, StoreManifest } from './ollama-store.ts'

export class PullFailed extends Error {}

interface Pulling {
  readonly store: FakeStore | undefined
  readonly say: (line: object) => void
  readonly signal: AbortSignal
  readonly fetched: string[]
  readonly fetching: Map<string, Promise<void>>
}

const parts = 3

export async function pullFromRegistry(name: string, pulling: Pulling): Promise<void> {
  const { store, say, signal } = pulling
  const [, base = '', namespaced = '', tag = 'latest'] = /^(https?:\/\/[^/]+)\/(.+?)(?::([^:/]+))?$/.exec(name) ?? []
  if (base === '' || !store) throw new PullFailed('pull model manifest: file does not exist')
  const bytes = await manifestAt(`${base}/v2/${namespaced}/manifests/${tag}`, signal)
  const { layers, config } = JSON.parse(bytes.toString('utf8')) as StoreManifest
  const missing: string[] = []
  for (const { digest } of [...layers, config]) {
    if (await fetchBlob(`${base}/v2/${namespaced}/blobs/${digest}`, digest, { ...pulling, store })) missing.push(digest)
  }
  say({ status: 'verifying sha256 digest' })
  for (const digest of missing) await verify(store, digest)
  if (signal.aborted) return
  say({ status: 'writing manifest' })
  store.writeManifest(name, bytes)
}

async function ask(url: string, signal: AbortSignal, method: Dispatcher.HttpMethod = 'GET', headers: Record<string, string> = {}) {
  try {
    return await request(url, { method, signal, headers: { 'user-agent': 'ollama/0.32.15 (amd64 linux) Go/go1.26.0', ...headers } })
  } catch (error) {
    if (signal.aborted) throw error
    throw new PullFailed(`Get "${url}": dial tcp ${new URL(url).host}: connect: connection refused`)
  }
}

async function manifestAt(url: string, signal: AbortSignal): Promise<Buffer> {
  try {
    const answer = await ask(url, signal, 'GET', { accept: 'application/vnd.docker.distribution.manifest.v2+json' })
    const bytes = Buffer.from(await answer.body.arrayBuffer())
    if (answer.statusCode === 404) throw new PullFailed('file does not exist')
    if (answer.statusCode >= 400) throw new PullFailed(`${answer.statusCode}: ${bytes.toString('utf8')}`)
    return bytes
  } catch (error) {
    throw error instanceof PullFailed ? new PullFailed(`pull model manifest: ${error.message}`) : error
  }
}

/** True when it was fetched, and not there before. Two pulls of one blob fetch it once (LoadOrStore in server/download.go). */
async function fetchBlob(url: string, digest: string, pulling: Pulling & { store: FakeStore }): Promise<boolean> {
  const { store, say, fetching } = pulling
  const news: News = (completed, total) => say({ status: `pulling ${digest.slice(7, 19)}`, digest, total, completed })
  while (fetching.has(digest)) await fetching.get(digest)?.catch(() => undefined)
  if (store.hasBlob(digest)) {
    const total = statSync(store.blobPath(digest)).size
    news(total, total)
    return false
  }
  const fetch = fetchNow(url, digest, { ...pulling, news }).finally(() => fetching.delete(digest))
  fetching.set(digest, fetch)
  await fetch
  return true
}

type News = (completed: number, total: number) => void

async function fetchNow(url: string, digest: string, { store, signal, fetched, news }: Pulling & { store: FakeStore; news: News }) {
  const head = await ask(url, signal, 'HEAD')
  await head.body.dump()
  if (head.statusCode === 404) throw new PullFailed('file does not exist')
  const total = Number(head.headers['content-length'])
  const target = await ledTo(url, signal)
  const partial = `${store.blobPath(digest)}-partial`
  const file = await open(partial, 'w')
  try {
    let done = 0
    const size = Math.ceil(total / parts)
    for (let start = 0; start < total; start += size) {
      const answer = await ask(target, signal, 'GET', { range: `bytes=${start}-${Math.min(start + size, total) - 1}` })
      if (answer.statusCode !== 206) throw new PullFailed(`max retries exceeded: unexpected status code ${answer.statusCode}`)
      for await (const chunk of answer.body) {
        await file.write(chunk, 0, chunk.length, done)
        done += chunk.length
        news(done, total)
      }
    }
    if (done !== total) throw new PullFailed('max retries exceeded: unexpected EOF')
  } finally {
    await file.close()
  }
  renameSync(partial, store.blobPath(digest))
  fetched.push(`${digest} ${total}`)
}

/** It stops at the first redirect to another host name, and takes nothing else. */
async function ledTo(url: string, signal: AbortSignal): Promise<string> {
  const answer = await ask(url, signal)
  await answer.body.dump()
  if (answer.statusCode !== 307 && answer.statusCode !== 200) throw new PullFailed(`unexpected status code ${answer.statusCode}`)
  const location = answer.headers.location
  if (typeof location !== 'string') throw new PullFailed('http: no Location header in response')
  if (new URL(location, url).hostname === new URL(url).hostname) return await ledTo(new URL(location, url).href, signal)
  return location
}

async function verify(store: FakeStore, digest: string): Promise<void> {
  const path = store.blobPath(digest)
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  const found = `sha256:${hash.digest('hex')}`
  if (found === digest) return
  if (existsSync(path)) rmSync(path)
  throw new PullFailed(`digest mismatch, file must be downloaded again: want ${digest}, got ${found}`)
}
