/**
 * A registry of one model, for one pull: on loopback, on a chance port, under a name nobody can guess, gone with the pull.
 * Ollama fetches the manifest, asks `HEAD` for the length of each blob that it lacks, and then wants to be led to another
 * host name, which serves ranges (server/download.go of Ollama; recorded with 0.32.15).
 */
import { randomBytes } from 'node:crypto'
import { type EventEmitter, setMaxListeners } from 'node:events'
import { type FileHandle, open } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { ModelyardError } from '../../contract/index.ts'
import type { LocalFile } from '../provider.ts'
import type { ModelManifest } from './model-manifest.ts'

/** Read ahead for each part that is fetched. */
const pieceBytes = 256 * 1024

export interface ModelRegistry extends AsyncDisposable {
  /** What to pull. */
  readonly pullName: string
  /** What Ollama lists it as. */
  readonly listedName: string
  /** Has anybody fetched the manifest? */
  readonly asked: boolean
  /** Bytes of the model's files that were sent. */
  readonly sentBytes: number
}

/** Names of such registries, as Ollama lists what came from them; a crash may leave one behind. */
export const isRegistryName = (name: string): boolean => /^127\.0\.0\.1:\d{1,5}\/modelyard-[0-9a-f]{32}\//.test(name)

/** `name` is the model's good name: the long one ends with it. */
export async function openRegistry(manifest: ModelManifest, name: string): Promise<ModelRegistry> {
  const namespace = `modelyard-${randomBytes(16).toString('hex')}`
  const [model = name, tag = 'latest'] = name.split(':')
  const blobs = await openBlobs(manifest)
  const state = { asked: false, sentBytes: 0 }
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()))

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const wanted = wantedBy(request, { port: portOf(), path: `/v2/${namespace}/${model}` })
    if (wanted === undefined) return refuse(response)
    if (wanted.what === `/manifests/${tag}`) {
      state.asked = true
      return sendManifest(request, response, manifest)
    }
    const blob = blobs.get(/^\/blobs\/sha256:([0-9a-f]{64})$/.exec(wanted.what)?.[1] ?? '')
    if (blob === undefined) return refuse(response)
    const sent = (bytes: number): void => {
      if (blob.handle) state.sentBytes += bytes
    }
    await sendBlob(request, response, { blob, sent, elsewhere: wanted.elsewhere })
  }
  const portOf = (): number => (server.address() as AddressInfo | null)?.port ?? 0

  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ host: '127.0.0.1', port: 0 }, resolve))
  } catch (error) {
    await closeBlobs(blobs)
    throw new ModelyardError('import_failed', 'No port of this machine is free to hand the model over.', { cause: error })
  }
  const listedName = `127.0.0.1:${portOf()}/${namespace}/${model}:${tag}`
  return {
    pullName: `http://${listedName}`,
    listedName,
    get asked() {
      return state.asked
    },
    get sentBytes() {
      return state.sentBytes
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
      await closeBlobs(blobs)
    },
  }
}

/** What can be asked for: bytes at hand, or a file held open, so that what is sent is what was looked at. */
interface Blob {
  readonly size: number
  readonly bytes?: Buffer
  readonly handle?: FileHandle
}

async function openBlobs({ config, files }: ModelManifest): Promise<Map<string, Blob>> {
  const blobs = new Map<string, Blob>([[config.sha256, { size: config.bytes.length, bytes: config.bytes }]])
  try {
    for (const file of files) blobs.set(file.sha256, { size: file.bytes, handle: await openFile(file) })
  } catch (error) {
    await closeBlobs(blobs)
    throw error
  }
  return blobs
}

async function openFile({ path, name, bytes }: LocalFile): Promise<FileHandle> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw new ModelyardError('file_not_found', `${name} cannot be read any more.`, { cause })
  })
  // Ollama reads up to sixteen parts at once.
  setMaxListeners(0, handle as unknown as EventEmitter)
  const found = await handle.stat()
  if (found.isFile() && found.size === bytes) return handle
  await handle.close()
  throw new ModelyardError('import_failed', `${name} has changed: expected ${bytes} bytes, found ${found.size}.`)
}

async function closeBlobs(blobs: ReadonlyMap<string, Blob>): Promise<void> {
  for (const { handle } of blobs.values()) await handle?.close()
}

const refuse = (response: ServerResponse): void => void response.writeHead(404, { 'content-length': '0' }).end()

/** What is asked for below our path, and the address that a redirect leads to; undefined: not for us. */
function wantedBy(
  request: IncomingMessage,
  { port, path }: { port: number; path: string },
): { what: string; elsewhere: string } | undefined {
  const { method, url = '', headers } = request
  const here = headers.host === `127.0.0.1:${port}`
  const led = headers.host === `localhost:${port}`
  if (!(here || led) || (method !== 'GET' && method !== 'HEAD')) return undefined
  // A page has no business here.
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) return undefined
  if (!url.startsWith(`${path}/`)) return undefined
  return { what: url.slice(path.length), elsewhere: here && method === 'GET' ? `http://localhost:${port}${url}` : '' }
}

function sendManifest({ method }: IncomingMessage, response: ServerResponse, { bytes }: ModelManifest): void {
  response.writeHead(200, { 'content-type': 'application/vnd.docker.distribution.manifest.v2+json', 'content-length': bytes.length })
  response.end(method === 'HEAD' ? undefined : bytes)
}

interface Sending {
  readonly blob: Blob
  readonly sent: (bytes: number) => void
  /** Where a GET is led to; empty: it has been. */
  readonly elsewhere: string
}

async function sendBlob(request: IncomingMessage, response: ServerResponse, { blob, sent, elsewhere }: Sending): Promise<void> {
  const { size, bytes, handle } = blob
  if (elsewhere !== '') return void response.writeHead(307, { location: elsewhere, 'content-length': '0' }).end()
  const range = rangeOf(request.headers.range, size)
  if (range === undefined) return void response.writeHead(416, { 'content-range': `bytes */${size}`, 'content-length': '0' }).end()
  const { start, end } = range
  response.writeHead(request.headers.range === undefined ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    'content-length': end - start + 1,
    ...(request.headers.range !== undefined && { 'content-range': `bytes ${start}-${end}/${size}` }),
  })
  if (request.method === 'HEAD' || size === 0) return void response.end()
  if (bytes !== undefined) return void response.end(bytes.subarray(start, end + 1))
  const source = handle?.createReadStream({ start, end, autoClose: false, highWaterMark: pieceBytes })
  if (source === undefined) return void response.destroy()
  source.on('data', (chunk) => sent(chunk.length))
  await pipeline(source, response)
}

function rangeOf(header: string | undefined, size: number): { start: number; end: number } | undefined {
  if (header === undefined) return { start: 0, end: size - 1 }
  const found = /^bytes=(\d{1,16})-(\d{0,16})$/.exec(header)
  if (!found) return undefined
  const start = Number(found[1])
  const end = found[2] === '' ? size - 1 : Math.min(Number(found[2]), size - 1)
  return start > end ? undefined : { start, end }
}
