/** What Ollama has in memory; loading into it, and unloading. */
import { abortReason, type LoadOptions, ModelyardError } from '../../contract/index.ts'
import { loadLimitMs } from '../load-limit.ts'
import { ask, askJson, goodBody, untilSeen } from '../openai-chat/index.ts'
import type { LoadContext, LoadedInstance } from '../provider.ts'
import { nameKey, sameName } from './names.ts'
import { isOurs, label, type Ollama } from './ollama.ts'
import { type Fields, loadFields, modelsOf, nameOf, number, text } from './wire.ts'

/** `keep_alive` for ever is a date some 292 years ahead. */
const neverAfterMs = 10 * 365 * 24 * 3600 * 1000
const unloadLimitMs = 60_000

export async function inMemory(ollama: Ollama, signal: AbortSignal): Promise<LoadedInstance[]> {
  const body = await askPs(ollama, signal)
  const instances = modelsOf(body, '/api/ps').flatMap((entry) => instanceOf(ollama, entry) ?? [])
  for (const key of ollama.ours) if (!instances.some((one) => nameKey(one.name) === key)) ollama.ours.delete(key)
  return instances
}

/** Versions before 0.32.4 can answer 500 while something unloads: asked once more. */
async function askPs(ollama: Ollama, signal: AbortSignal): Promise<unknown> {
  const answer = await ask(ollama.engine, { path: '/api/ps', signal })
  return answer.status >= 500 ? askJson(ollama.engine, { path: '/api/ps', signal }) : goodBody(ollama.engine, answer)
}

function instanceOf(ollama: Ollama, entry: Fields): LoadedInstance | undefined {
  const name = nameOf(entry)
  if (name === undefined) return undefined
  const contextLength = number(entry.context_length)
  return {
    name,
    contextLength,
    memoryBytes: number(entry.size),
    gpuBytes: number(entry.size_vram),
    expiresAt: expiryOf(entry.expires_at),
    load: contextLength === undefined ? {} : { contextLength },
    loadedBy: isOurs(ollama, name) ? 'us' : 'other',
    state: 'ready',
  }
}

function expiryOf(value: unknown): string | undefined {
  const time = Date.parse(text(value) ?? '')
  return Number.isNaN(time) || time - Date.now() > neverAfterMs ? undefined : new Date(time).toISOString()
}

/** An empty prompt loads. The request lasts as long as the load; leaving it ends the load. */
export async function loadModel(ollama: Ollama, name: string, options: LoadOptions, context: LoadContext): Promise<LoadedInstance> {
  const before = await inMemory(ollama, context.signal)
  const there = before.find((one) => sameName(one.name, name))
  const wasOurs = there?.loadedBy === 'us'
  const limit = AbortSignal.timeout(loadLimitMs(context.sizeBytes))
  const signal = AbortSignal.any([context.signal, limit])
  try {
    const body = { model: name, stream: false, ...loadFields(options) }
    await askJson(ollama.engine, { method: 'POST', path: '/api/generate', body, signal }, { model: name, notFound: 'model' })
    const instance = (await inMemory(ollama, signal)).find((one) => sameName(one.name, name))
    if (!instance) throw new ModelyardError('load_failed', `${label} said that ${name} is loaded, but does not have it in memory.`)
    const foreign = there !== undefined && !wasOurs && there.contextLength === instance.contextLength
    if (!foreign) ollama.ours.add(nameKey(name))
    return { ...instance, load: options, loadedBy: foreign ? 'other' : 'us' }
  } catch (error) {
    if (!signal.aborted) throw asLoadError(error)
    if (!there) await unloadAfterAbort(ollama, name)
    if (context.signal.aborted) throw abortReason(context.signal)
    throw new ModelyardError('timeout', `${label} did not load ${name} in the time allowed for its size.`)
  }
}

/** Whatever words an engine finds for a load that failed, it was the load that failed. */
function asLoadError(error: unknown): ModelyardError {
  const known = ModelyardError.from(error)
  if (known.code !== 'provider_error') return known
  return new ModelyardError('load_failed', known.message, { cause: error, details: known.details })
}

/** A load that was left is ended by Ollama; one that was just ready is not. */
async function unloadAfterAbort(ollama: Ollama, name: string): Promise<void> {
  await unloadModel(ollama, name, AbortSignal.timeout(5000)).catch(() => undefined)
}

/** The answer comes at once; the model goes when its requests have ended. */
export async function unloadModel(ollama: Ollama, name: string, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.timeout(unloadLimitMs)
  const bounded = AbortSignal.any([signal, limit])
  try {
    const answer = await ask(ollama.engine, {
      method: 'POST',
      path: '/api/generate',
      body: { model: name, keep_alive: 0, stream: false },
      signal: bounded,
    })
    if (answer.status !== 404) goodBody(ollama.engine, answer, { model: name })
    await untilSeen(async () => ((await inMemory(ollama, bounded)).some((one) => sameName(one.name, name)) ? undefined : true), bounded)
    ollama.ours.delete(nameKey(name))
  } catch (error) {
    if (signal.aborted) throw abortReason(signal)
    if (limit.aborted) throw new ModelyardError('timeout', `${label} still has ${name} in memory: a request may be running on it.`)
    throw error
  }
}
