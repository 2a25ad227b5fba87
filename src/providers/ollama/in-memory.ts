/** What Ollama has in memory, by `/api/ps`. */
import { ask, askJson, goodBody } from '../openai-chat/index.ts'
import type { LoadedInstance } from '../provider.ts'
import { nameKey, sameName } from './names.ts'
import { isOurs, type Ollama } from './ollama.ts'
import { count, type Fields, modelsOf, nameOf, number, text } from './wire.ts'

/** `keep_alive` for ever is a date some 292 years ahead. */
const neverAfterMs = 10 * 365 * 24 * 3600 * 1000
/** The least that load options may ask for. */
const leastContext = 4

export async function inMemory(ollama: Ollama, signal: AbortSignal): Promise<LoadedInstance[]> {
  const entries = await listedInMemory(ollama, signal)
  forgetGone(ollama, entries)
  return entries.flatMap((entry) => instanceOf(ollama, entry) ?? [])
}

export async function findInMemory(ollama: Ollama, name: string, signal: AbortSignal): Promise<LoadedInstance | undefined> {
  return (await inMemory(ollama, signal)).find((one) => sameName(one.name, name))
}

/** Versions before 0.32.4 can answer 500 while something unloads: asked once more. */
export async function listedInMemory(ollama: Ollama, signal: AbortSignal): Promise<Fields[]> {
  const answer = await ask(ollama.engine, { path: '/api/ps', signal })
  const body = answer.status >= 500 ? await askJson(ollama.engine, { path: '/api/ps', signal }) : goodBody(ollama.engine, answer)
  return modelsOf(body, '/api/ps')
}

/** Who loads it next may be somebody else. */
function forgetGone(ollama: Ollama, entries: readonly Fields[]): void {
  const listed = new Set(entries.map((entry) => nameKey(nameOf(entry) ?? '')))
  for (const key of ollama.usedAs.keys()) if (!listed.has(key)) ollama.usedAs.delete(key)
  const used = new Set([...listed, ...[...ollama.usedAs.values()].map(nameKey)])
  for (const key of ollama.ours) if (!used.has(key)) ollama.ours.delete(key)
}

function instanceOf(ollama: Ollama, entry: Fields): LoadedInstance | undefined {
  const listed = nameOf(entry)
  if (listed === undefined) return undefined
  const name = ollama.usedAs.get(nameKey(listed)) ?? listed
  const contextLength = count(entry.context_length)
  return {
    name,
    contextLength,
    memoryBytes: number(entry.size),
    gpuBytes: number(entry.size_vram),
    expiresAt: expiryOf(entry.expires_at),
    load: contextLength === undefined || contextLength < leastContext ? {} : { contextLength },
    loadedBy: isOurs(ollama, name) ? 'us' : 'other',
    state: 'ready',
  }
}

function expiryOf(value: unknown): string | undefined {
  const time = Date.parse(text(value) ?? '')
  return Number.isNaN(time) || time - Date.now() > neverAfterMs ? undefined : new Date(time).toISOString()
}
