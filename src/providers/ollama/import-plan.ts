/** What giving Ollama a model will do, decided by looking. */

import { access } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ModelyardError } from '../../contract/index.ts'
import { ask, askJson } from '../openai-chat/index.ts'
import type { ImportDecision, ImportFile, ImportModel } from '../provider.ts'
import { importName } from './import-name.ts'
import { askShow } from './list.ts'
import { mediaTypes, type StoredManifest } from './manifests.ts'
import { sameName } from './names.ts'
import { label, type Ollama } from './ollama.ts'
import { hashesIn } from './shared-weights.ts'
import { findStore, isLasting, type Listed, localModels, type Store, whyNoLink } from './store.ts'
import { fields, text } from './wire.ts'

/** Models that are asked for their weights where the store cannot be read. */
const maxAsked = 50
/** Templates, licences and the like beside the weights. */
const maxBesideBytes = 64 * 1024 * 1024

export async function planImport(ollama: Ollama, model: ImportModel<ImportFile>, signal: AbortSignal): Promise<ImportDecision> {
  mustBeOneFile(model)
  await mustKnowTemplates(ollama, signal)
  const [listed, store] = await Promise.all([localModels(ollama, signal), findStore(ollama, signal)])
  const there = await sameModelIn(ollama, model, { listed, store }, signal)
  if (there !== undefined) return { strategy: 'present', reason: `${label} has these very bytes, as ${there}.`, name: there, extraBytes: 0 }
  const { name, taken } = importName(model, (wanted) => listed.some((one) => sameName(one.name, wanted)))
  const renamed = taken === undefined ? '' : ` There is another ${taken} already, so it will be called ${name}.`
  const why = store === undefined ? 'the folder of its models is not known' : await whyNoLink(store, await sourceOf(ollama, model))
  if (store !== undefined && why === undefined) {
    const reason = `${label} gets a hard link into its store, no second copy.${renamed}`
    return { strategy: 'registry-link', reason, name, extraBytes: 0, volume: store.blobs }
  }
  const extraBytes = await missingBytes(ollama, model, signal)
  const reason = `${label} makes a copy of its own, because ${why}.${renamed}`
  return { strategy: 'registry-copy', reason, name, extraBytes, ...(store && { volume: store.blobs }) }
}

/**
 * A manifest with several model layers is taken, but only the last is loaded, and blobs have not the names by which
 * llama.cpp finds the other shards (GetModel in server/images.go of Ollama 0.32).
 */
export function mustBeOneFile({ weights }: ImportModel<ImportFile>): void {
  if (weights.length === 1) return
  throw new ModelyardError('unsupported_operation', `${label} takes no model in ${weights.length} files.`, {
    hint: 'Choose another engine (lmstudio, llamacpp or embedded), or a quantization that is one file.',
  })
}

/** Before 0.30 a model without a template layer would chat without its template. */
async function mustKnowTemplates(ollama: Ollama, signal: AbortSignal): Promise<void> {
  const { version } = fields(await askJson(ollama.engine, { path: '/api/version', signal }))
  const [, major, minor] = /^(\d+)\.(\d+)\./.exec(text(version) ?? '') ?? []
  // 0.0.0 is one that somebody built.
  if (major !== '0' || minor === '0' || Number(minor) >= 30) return
  throw new ModelyardError('unsupported_operation', `${label} ${text(version)} does not take the chat template from the model's file.`, {
    hint: 'Update Ollama to 0.30 or later.',
  })
}

interface Inventory {
  readonly listed: readonly Listed[]
  readonly store: Store | undefined
}

/** The name under which the same files are there; undefined: they are not, or it cannot be told. */
export async function sameModelIn(
  ollama: Ollama,
  model: ImportModel<ImportFile>,
  { listed, store }: Inventory,
  signal: AbortSignal,
): Promise<string | undefined> {
  const files = [...model.weights, ...(model.projector ? [model.projector] : [])]
  const hashes = files.flatMap(({ sha256 }) => sha256 ?? [])
  if (hashes.length !== files.length) return undefined
  if (store !== undefined) return store.manifests.find((one) => isLasting(one) && isMadeOf(one, hashes))?.name
  const bytes = files.reduce((sum, one) => sum + one.bytes, 0)
  const alike = listed.filter((one) => isLasting(one) && one.bytes >= bytes && one.bytes - bytes <= maxBesideBytes)
  for (const one of alike.slice(0, maxAsked)) {
    const shown = await askShow(ollama, one.name, signal).catch(() => ({}))
    signal.throwIfAborted()
    if (sameSet(hashesIn(shown), hashes) && isPlain(shown)) return one.name
  }
  return undefined
}

/** Nothing that changes what the model says: no instruction, no adapter, no conversation before it. */
const isPlain = (shown: Readonly<Record<string, unknown>>): boolean =>
  text(shown.system) === undefined && !Array.isArray(shown.messages) && !/^ADAPTER /m.test(text(shown.modelfile) ?? '')

function isMadeOf({ layers }: StoredManifest, hashes: readonly string[]): boolean {
  const roles: readonly string[] = Object.values(mediaTypes)
  const files = layers.filter(({ mediaType }) => roles.includes(mediaType)).map(({ sha256 }) => sha256)
  return sameSet(files, hashes) && !layers.some(({ mediaType }) => /\.image\.(?:system|messages|adapter|draft)$/.test(mediaType))
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((one) => b.includes(one))

/** The file, or the nearest folder that exists of the place where it will lie. */
async function sourceOf(ollama: Ollama, { weights }: ImportModel<ImportFile>): Promise<{ path: string; isFile: boolean } | undefined> {
  const path = weights[0]?.path
  if (path !== undefined) return { path, isFile: true }
  for (let at = ollama.library; at !== undefined; at = dirname(at) === at ? undefined : dirname(at)) {
    const exists = await access(at).then(
      () => true,
      () => false,
    )
    if (exists) return { path: at, isFile: false }
  }
  return undefined
}

/** What of it Ollama does not have yet. */
export async function missingBytes(ollama: Ollama, model: ImportModel<ImportFile>, signal: AbortSignal): Promise<number> {
  let bytes = 0
  for (const file of [...model.weights, ...(model.projector ? [model.projector] : [])]) {
    if (file.sha256 === undefined || !(await hasBlob(ollama, file.sha256, signal))) bytes += file.bytes
  }
  return bytes
}

export async function hasBlob(ollama: Ollama, sha256: string, signal: AbortSignal): Promise<boolean> {
  return (await ask(ollama.engine, { method: 'HEAD', path: `/api/blobs/sha256:${sha256}`, signal })).status === 200
}
