/** Takes back what an import added to Ollama, and nothing else. */
import { lstat, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { ModelyardError } from '../../contract/index.ts'
import { ask, goodBody } from '../openai-chat/index.ts'
import type { ImportAddition } from '../provider.ts'
import { findInMemory } from './in-memory.ts'
import { readManifests } from './manifests.ts'
import { unloadModel } from './memory.ts'
import { sameName } from './names.ts'
import { label, type Ollama } from './ollama.ts'
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
  await deleteModel(ollama, there.name, signal)
  if ((await localModels(ollama, signal)).some((one) => sameName(one.name, name))) {
    throw new ModelyardError('provider_error', `${label} said that ${name} is deleted, but lists it still.`)
  }
}

/** Of a model that is not there: done. */
export async function deleteModel(ollama: Ollama, name: string, signal: AbortSignal): Promise<void> {
  const answer = await ask(ollama.engine, { method: 'DELETE', path: '/api/delete', body: { model: name }, signal })
  // A good answer has no body.
  if (answer.status !== 404 && (answer.status !== 200 || answer.text.trim() !== '')) goodBody(ollama.engine, answer, { model: name })
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
