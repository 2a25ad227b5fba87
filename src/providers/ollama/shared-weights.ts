/**
 * Names with the same weights (a copy, a variant with another system prompt) share one place in memory, and `/api/ps`
 * goes on listing it under the name that came first. Source: server/sched.go of Ollama, since 0.16.3.
 */
import { lstat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { isLoopback } from '../openai-chat/index.ts'
import { askShow } from './list.ts'
import { nameKey, sameName } from './names.ts'
import type { Ollama } from './ollama.ts'
import { type Fields, nameOf, text } from './wire.ts'

/** After a load: from now on the place in memory goes by this name, whatever it is listed as. */
export async function noteName(ollama: Ollama, name: string, entries: readonly Fields[], signal: AbortSignal): Promise<void> {
  const listed = entries.flatMap((entry) => nameOf(entry) ?? [])
  if (listed.some((one) => sameName(one, name))) {
    ollama.usedAs.delete(nameKey(name))
    return
  }
  const weights = listed.length === 0 ? undefined : await weightsOf(ollama, name, signal)
  if (weights === undefined) return
  for (const one of listed) {
    if ((await weightsOf(ollama, one, signal)) === weights) {
      ollama.usedAs.set(nameKey(one), name)
      return
    }
  }
}

/** The hash of the weights; the path in which it stands goes no further than here. Undefined: not told. */
export async function weightsOf(ollama: Ollama, name: string, signal: AbortSignal): Promise<string | undefined> {
  const body = await askShow(ollama, name, signal).catch(() => undefined)
  return filesIn(body)[0]?.sha256
}

/** Paths of the weights and of the projectors, as far as the answer of `/api/show` tells them. */
export const blobPathsIn = (shown: Fields | undefined): string[] => filesIn(shown).map(({ path }) => path)
/** Their hashes, in the same order. */
export const hashesIn = (shown: Fields | undefined): string[] => filesIn(shown).map(({ sha256 }) => sha256)

function filesIn(shown: Fields | undefined): { path: string; sha256: string }[] {
  const lines = (text(shown?.modelfile) ?? '').matchAll(/^FROM (.*\bsha256[-:]([0-9a-f]{64}))\s*$/gm)
  return [...lines].map(([, path = '', sha256 = '']) => ({ path, sha256 }))
}

/**
 * Bytes of the weights and projectors that other hard links (files of the library) hold; 0 where there are none, or the
 * store cannot be looked into: on another machine, or of another user.
 */
export async function bytesLinkedElsewhere(ollama: Ollama, name: string, signal: AbortSignal): Promise<number> {
  if (!isLoopback(ollama.baseUrl)) return 0
  const body = await askShow(ollama, name, signal).catch(() => undefined)
  const paths = blobPathsIn(body).filter((path) => isAbsolute(path) && /[/\\]sha256-[0-9a-f]{64}$/.test(path))
  const found = await Promise.all(paths.map((path) => lstat(path).catch(() => undefined)))
  return found.reduce((sum, one) => sum + (one?.isFile() && one.nlink > 1 ? one.size : 0), 0)
}
