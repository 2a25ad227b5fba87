/**
 * The manifests of an Ollama store, read as files: `manifests/<host>/<namespace>/<model>/<tag>`, each naming its blobs by
 * hash. Source: manifest/manifest.go of Ollama. What lies there is read with limits, and what is no manifest is left out.
 */
import { createHash } from 'node:crypto'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { shortName } from './names.ts'

/** Media types of the layers that are files of a model. */
export const mediaTypes = { weights: 'application/vnd.ollama.image.model', projector: 'application/vnd.ollama.image.projector' } as const

export interface StoredLayer {
  readonly mediaType: string
  /** 64 small hexadecimal digits. */
  readonly sha256: string
  readonly bytes: number
}

export interface StoredManifest {
  /** As `/api/tags` has it. */
  readonly name: string
  /** Hash of the manifest itself: the digest of the model in `/api/tags`. */
  readonly digest: string
  readonly modifiedMs: number
  /** The configuration is one of them. */
  readonly layers: readonly StoredLayer[]
}

const maxManifests = 10_000
const maxManifestBytes = 1024 * 1024
const readAtOnce = 16

const layer = z
  .object({
    mediaType: z.string().max(200),
    digest: z.string().regex(/^sha256[:-][0-9a-f]{64}$/),
    size: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  })
  .transform(({ mediaType, digest, size }): StoredLayer => ({ mediaType, sha256: digest.slice(7), bytes: size }))
const manifest = z.object({ config: layer.optional().catch(undefined), layers: z.array(layer).max(1000) })

/** Undefined: there are none that we can read. */
export async function readManifests(store: string, signal: AbortSignal): Promise<StoredManifest[] | undefined> {
  const root = join(store, 'manifests')
  const hosts = await readdir(root).catch(() => undefined)
  if (hosts === undefined) return undefined
  const found: StoredManifest[] = []
  const places = placesBelow(root, hosts, signal)
  const readOn = async (): Promise<void> => {
    for await (const place of places) {
      const one = await readManifest(root, place)
      if (one !== undefined && found.length < maxManifests) found.push(one)
    }
  }
  await Promise.all(Array.from({ length: readAtOnce }, readOn))
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

type Place = readonly [host: string, namespace: string, model: string, tag: string]

async function* placesBelow(root: string, hosts: readonly string[], signal: AbortSignal): AsyncGenerator<Place> {
  const namesIn = (...parts: string[]): Promise<string[]> => readdir(join(root, ...parts)).catch(() => [])
  let count = 0
  for (const host of hosts) {
    for (const namespace of await namesIn(host)) {
      for (const model of await namesIn(host, namespace)) {
        for (const tag of await namesIn(host, namespace, model)) {
          signal.throwIfAborted()
          count += 1
          if (count > maxManifests) return
          yield [host, namespace, model, tag]
        }
      }
    }
  }
}

async function readManifest(root: string, place: Place): Promise<StoredManifest | undefined> {
  const path = join(root, ...place)
  const file = await lstat(path).catch(() => undefined)
  if (!file?.isFile() || file.size > maxManifestBytes) return undefined
  const bytes = await readFile(path).catch(() => undefined)
  const read = bytes && manifest.safeParse(parsed(bytes))
  if (!read?.success) return undefined
  const { config, layers } = read.data
  return {
    name: shortName(place),
    digest: createHash('sha256')
      .update(bytes as Buffer)
      .digest('hex'),
    modifiedMs: file.mtimeMs,
    layers: config === undefined ? layers : [...layers, config],
  }
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}
