/**
 * What Ollama is told of an imported model: a Docker schema 2 manifest, a configuration, and the files as they are. No
 * template and no parameters: Ollama takes the template from the GGUF itself, since 0.30 (HasChatTemplate in
 * server/images.go). Recorded with 0.32.15: such a manifest keeps the bytes and the label of the quantization.
 */
import { createHash } from 'node:crypto'
import type { ImportModel, LocalFile } from '../provider.ts'
import { mediaTypes } from './manifests.ts'

export interface ModelManifest {
  /** The same model gives the same bytes. */
  readonly bytes: Buffer
  /** Of the manifest: the digest under which `/api/tags` lists the model. */
  readonly digest: string
  readonly config: { readonly bytes: Buffer; readonly sha256: string }
  readonly files: readonly LocalFile[]
}

export function modelManifest(model: ImportModel): ModelManifest {
  const files = [...model.weights, ...(model.projector ? [model.projector] : [])]
  const config = jsonBytes(configOf(model, files))
  const layers = [
    ...model.weights.map((file) => layerOf(mediaTypes.weights, file)),
    ...(model.projector ? [layerOf(mediaTypes.projector, model.projector)] : []),
  ]
  const manifest = jsonBytes({
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    config: { mediaType: 'application/vnd.docker.container.image.v1+json', digest: `sha256:${hashOf(config)}`, size: config.length },
    layers,
  })
  return { bytes: manifest, digest: hashOf(manifest), config: { bytes: config, sha256: hashOf(config) }, files }
}

const jsonBytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
const layerOf = (mediaType: string, { sha256, bytes }: LocalFile) => ({ mediaType, digest: `sha256:${sha256}`, size: bytes })

function configOf({ architecture, parameters, quantization }: ImportModel, files: readonly LocalFile[]): object {
  const family = architecture ?? ''
  return {
    model_format: 'gguf',
    model_family: family,
    model_families: family === '' ? [] : [family],
    model_type: parameters === undefined ? '' : sizeLabel(parameters),
    file_type: quantization ?? 'unknown',
    // Of the container format, not of the machine: Ollama writes the same on every one.
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: files.map(({ sha256 }) => `sha256:${sha256}`) },
  }
}

/** As Ollama words it: `8.2B`, `596.05M`, `123K`. Source: format/format.go. */
export function sizeLabel(parameters: number): string {
  const scaled = (unit: number, decimals: number): string => {
    const number = parameters / unit
    return Number.isInteger(number) ? String(number) : number.toFixed(decimals)
  }
  if (parameters >= 1e9) return `${scaled(1e9, 1)}B`
  if (parameters >= 1e6) return `${scaled(1e6, 2)}M`
  return parameters >= 1000 ? `${(parameters / 1000).toFixed(0)}K` : String(parameters)
}
