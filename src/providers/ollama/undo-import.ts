/** Takes back what an import added to Ollama, and nothing else. */
import { lstat, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { ModelyardError } from '../../contract/index.ts'
import type { ImportAddition } from '../provider.ts'
import { findInMemory } from './in-memory.ts'
import { readManifests } from './manifests.ts'
import { unloadModel } from './memory.ts'
import { sameName } from './names.ts'
import type { Ollama } from './ollama.ts'
import { deleteModel, mustNotBeListed } from './remove-model.ts'
import { localModels } from './store.ts'

/** A model is told by its name and the digest it is listed with: another that has taken the name since is left alone. */
export const additionOf = (name: string, digest: string): ImportAddition => ({ kind: 'model', what: `${name}@sha256:${digest}` })

export async function undoImport(ollama: Ollama, added: readonly ImportAddition[], signal: AbortSignal): Promise<void> {
  const failed: unknown[] = []
  // Names first: Ollama takes away what they alone hold, and a link that is still named stays.
  for (const { kind, what } of added) if (kind === 'model') await undoModel(ollama, what, signal).catch((error) => failed.push(error))
  // That needs no Ollama that answers.
  for (const { kind, what } of added) if (kind === 'file') await undoLink(what, signal)
  if (failed.length > 0) throw failed[0]
}

async function undoModel(ollama: Ollama, what: string, signal: AbortSignal): Promise<void> {
  const [, name = what, digest] = /^(.+)@sha256:([0-9a-f]{64})$/.exec(what) ?? []
  const there = (await localModels(ollama, signal)).find((one) => sameName(one.name, name))
  if (there === undefined || (digest !== undefined && there.digest !== digest)) return
  if (await findInMemory(ollama, there.name, signal)) await unloadModel(ollama, there.name, signal)
  await deleteIfThere(ollama, there.name, signal)
  await mustNotBeListed(ollama, name, signal)
}

/** Of a model that is not there: done. */
export async function deleteIfThere(ollama: Ollama, name: string, signal: AbortSignal): Promise<void> {
  await deleteModel(ollama, name, signal).catch((error: unknown) => {
    if (ModelyardError.from(error).code !== 'model_not_found') throw error
  })
}

/** A link into a store goes when no manifest names it; the last name of a file never does. */
export async function undoLink(path: string, signal: AbortSignal): Promise<void> {
  const sha256 = /^sha256-([0-9a-f]{64})$/.exec(basename(path))?.[1]
  const blobs = dirname(path)
  if (sha256 === undefined || basename(blobs) !== 'blobs') return
  const file = await lstat(path).catch(() => undefined)
  if (!file?.isFile() || file.nlink < 2) return
  const manifests = await readManifests(dirname(blobs), signal)
  if (manifests === undefined || manifests.some(({ layers }) => layers.some((one) => one.sha256 === sha256))) return
  await rm(path, { force: true })
}
