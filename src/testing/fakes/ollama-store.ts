/** The store of the fake Ollama, as the real one keeps it: `manifests/<host>/<namespace>/<model>/<tag>` and `blobs/sha256-<hex>`. */
import { createHash } from 'node:crypto'
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'

export interface StoreManifest {
  readonly config: StoreLayer
  readonly layers: readonly StoreLayer[]
}

interface StoreLayer {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

export interface StoredModel {
  readonly name: string
  readonly digest: string
  readonly bytes: number
  readonly modifiedAt: string
  readonly manifest: StoreManifest
  readonly config: Readonly<Record<string, unknown>>
  /** Paths of the weights and of the projectors. */
  readonly files: readonly string[]
}

export interface FakeStore {
  readonly blobs: string
  blobPath(digest: string): string
  hasBlob(digest: string): boolean
  models(): StoredModel[]
  find(name: string): StoredModel | undefined
  writeManifest(name: string, bytes: Uint8Array): void
  copy(source: string, destination: string): void
  /** Its weights do not begin as a GGUF does. */
  isDamaged(name: string): boolean
  /** The manifest; then, by what it returns, the blobs that no other one names. */
  remove(name: string): () => void
}

const weights = 'application/vnd.ollama.image.model'
const projector = 'application/vnd.ollama.image.projector'
/** What was written in the last hour is left alone at the start. */
const graceMs = 3_600_000

export const sha256Of = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

/** `host/namespace/model:tag` with Ollama's defaults. */
export function partsOf(name: string): [host: string, namespace: string, model: string, tag: string] {
  const parts = name.replace(/^https?:\/\//, '').split('/')
  const [model = '', tag = 'latest'] = (parts.at(-1) ?? '').split(':')
  return [parts.slice(0, -2).join('/') || 'registry.ollama.ai', parts.at(-2) ?? 'library', model, tag]
}

/** Without the defaults, with the tag. */
export function shown([host, namespace, model, tag]: readonly string[]): string {
  if (host !== 'registry.ollama.ai') return `${host}/${namespace}/${model}:${tag}`
  return namespace === 'library' ? `${model}:${tag}` : `${namespace}/${model}:${tag}`
}

export function createStore(folder: string): FakeStore {
  const blobs = join(folder, 'blobs')
  const manifests = join(folder, 'manifests')
  for (const one of [blobs, manifests]) mkdirSync(one, { recursive: true })
  const blobPath = (digest: string): string => join(blobs, digest.replace(':', '-'))
  const manifestPath = (name: string): string => join(manifests, ...partsOf(name))

  const read = (path: string): StoredModel => {
    const bytes = readFileSync(path)
    const manifest = JSON.parse(bytes.toString('utf8')) as StoreManifest
    const named = [...manifest.layers, manifest.config]
    return {
      name: shown(relative(manifests, path).split(/[/\\]/)),
      digest: sha256Of(bytes),
      bytes: named.reduce((sum, { size }) => sum + size, 0),
      modifiedAt: statSync(path).mtime.toISOString(),
      manifest,
      config: JSON.parse(readFileSync(blobPath(manifest.config.digest), 'utf8')),
      files: manifest.layers.filter(({ mediaType }) => [weights, projector].includes(mediaType)).map(({ digest }) => blobPath(digest)),
    }
  }
  const models = (): StoredModel[] => filesBelow(manifests).map(read)
  const unnamed = (): string[] => {
    const named = new Set(models().flatMap(({ manifest }) => [...manifest.layers, manifest.config].map(({ digest }) => blobPath(digest))))
    return readdirSync(blobs)
      .map((one) => join(blobs, one))
      .filter((one) => !named.has(one))
  }
  for (const one of unnamed()) if (Date.now() - statSync(one).mtimeMs > graceMs) rmSync(one)

  const write = (name: string, put: (path: string) => void): void => {
    mkdirSync(dirname(manifestPath(name)), { recursive: true })
    put(manifestPath(name))
  }
  return {
    blobs,
    blobPath,
    hasBlob: (digest) => existsSync(blobPath(digest)),
    models,
    find: (name) => (existsSync(manifestPath(name)) ? read(manifestPath(name)) : undefined),
    writeManifest: (name, bytes) => write(name, (path) => writeFileSync(path, bytes)),
    copy: (source, destination) => write(destination, (path) => copyFileSync(manifestPath(source), path)),
    isDamaged: (name) => read(manifestPath(name)).files.some((path) => beginningOf(path) !== 'GGUF'),
    remove(name) {
      const { manifest } = read(manifestPath(name))
      rmSync(manifestPath(name))
      return () => {
        const left = new Set(unnamed())
        for (const { digest } of [...manifest.layers, manifest.config]) if (left.has(blobPath(digest))) rmSync(blobPath(digest))
      }
    },
  }
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(path) : [path]
  })

function beginningOf(path: string): string {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(4)
    return bytes.toString('latin1', 0, readSync(file, bytes))
  } finally {
    closeSync(file)
  }
}

/** A model of a few bytes, for one that only has a name. */
export function seedModel(store: FakeStore, name: string): void {
  const put = (bytes: Buffer, mediaType: string): StoreLayer => {
    const digest = `sha256:${sha256Of(bytes)}`
    writeFileSync(store.blobPath(digest), bytes)
    return { mediaType, digest, size: bytes.length }
  }
  const layers = [put(Buffer.from(`GGUF, as far as ${name} goes`), weights)]
  const config = put(
    Buffer.from(
      JSON.stringify({ model_format: 'gguf', model_family: 'llama', model_families: ['llama'], model_type: '123K', file_type: 'unknown' }),
    ),
    'application/vnd.docker.container.image.v1+json',
  )
  store.writeManifest(name, Buffer.from(JSON.stringify({ schemaVersion: 2, config, layers })))
}
