/** Loading into Ollama's memory, and unloading. */
import { type LoadOptions, ModelyardError } from '../../contract/index.ts'
import { withinTime } from '../../platform/within-time.ts'
import { ask, askJson, goodBody, untilSeen } from '../openai-chat/index.ts'
import type { LoadContext, LoadedInstance } from '../provider.ts'
import { findInMemory, listedInMemory } from './in-memory.ts'
import { nameKey } from './names.ts'
import { label, type Ollama } from './ollama.ts'
import { noteName } from './shared-weights.ts'
import { keepsNothing, loadFields } from './wire.ts'

/** How long an aborted load may take to be gone. */
const goneMs = 5000

/** The request lasts as long as the load; leaving it ends the load. */
export async function loadModel(ollama: Ollama, name: string, options: LoadOptions, context: LoadContext): Promise<LoadedInstance> {
  const { signal, sizeBytes } = context
  const before = await findInMemory(ollama, name, signal)
  const late = new ModelyardError('timeout', `${label} did not load ${name} in the time allowed for its size.`)
  try {
    return await withinTime({ signal, ms: ollama.limits.loadMs(sizeBytes), late: () => late }, async (bounded) => {
      await sendLoad(ollama, name, options, bounded)
      return await settled(ollama, { name, options, before }, bounded)
    })
  } catch (error) {
    const left = signal.aborted || error === late
    if (left && before === undefined) await unloadLeft(ollama, name)
    throw left ? error : asLoadError(error)
  }
}

async function sendLoad(ollama: Ollama, name: string, options: LoadOptions, signal: AbortSignal): Promise<void> {
  const { keepAlive, ...rest } = options
  const wanted = loadFields(keepsNothing(keepAlive) ? rest : options)
  const send = (path: string, how: object) =>
    askJson(ollama.engine, { method: 'POST', path, body: { model: name, ...how, ...wanted }, signal }, { model: name, notFound: 'model' })
  try {
    // An empty prompt loads.
    await send('/api/generate', { stream: false })
  } catch (error) {
    if (ModelyardError.from(error).code !== 'not_a_chat_model') throw error
    // Embedding models refuse it; for them an empty input does the same.
    await send('/api/embed', { input: '' })
  }
}

interface Loading {
  readonly name: string
  readonly options: LoadOptions
  readonly before: LoadedInstance | undefined
}

/** An answer is not believed: the model is in memory when Ollama lists it. */
async function settled(ollama: Ollama, { name, options, before }: Loading, signal: AbortSignal): Promise<LoadedInstance> {
  await noteName(ollama, name, await listedInMemory(ollama, signal), signal)
  const instance = await findInMemory(ollama, name, signal)
  // It answered when it was loaded: whoever else speaks to it has unloaded it since. That says nothing of the model.
  if (!instance)
    throw new ModelyardError('conflict', `${label} loaded ${name}, and it is not in memory any more: somebody else put it out.`)
  const foreign = before?.loadedBy === 'other' && before.contextLength === instance.contextLength
  if (!foreign) ollama.ours.add(nameKey(name))
  return { ...instance, load: options, loadedBy: foreign ? 'other' : 'us' }
}

/** Whatever words an engine finds for a load that failed, it was the load that failed. */
function asLoadError(error: unknown): ModelyardError {
  const known = ModelyardError.from(error)
  if (known.code !== 'provider_error') return known
  return new ModelyardError('load_failed', known.message, { cause: error, details: known.details })
}

/** A load that was left is ended by Ollama; one that was just ready is not. */
async function unloadLeft(ollama: Ollama, name: string): Promise<void> {
  const late = () => new ModelyardError('timeout')
  await withinTime({ signal: new AbortController().signal, ms: goneMs, late }, (signal) => unloadModel(ollama, name, signal)).catch(
    () => undefined,
  )
}

/** The answer comes at once; the model goes when its requests have ended. */
export function unloadModel(ollama: Ollama, name: string, signal: AbortSignal): Promise<void> {
  const late = () => new ModelyardError('timeout', `${label} still has ${name} in memory: a request may be running on it.`)
  return withinTime({ signal, ms: ollama.limits.unloadMs, late }, async (bounded) => {
    ollama.usedAs.delete(nameKey(name))
    const body = { model: name, keep_alive: 0, stream: false }
    const answer = await ask(ollama.engine, { method: 'POST', path: '/api/generate', body, signal: bounded })
    if (answer.status === 404) await mustBeGone(ollama, name, bounded)
    else goodBody(ollama.engine, answer, { model: name })
    await untilSeen(async () => ((await findInMemory(ollama, name, bounded)) === undefined ? true : undefined), bounded)
    ollama.ours.delete(nameKey(name))
  })
}

/** A model that was deleted while it was loaded stays in memory, and there is no way to name it. */
async function mustBeGone(ollama: Ollama, name: string, signal: AbortSignal): Promise<void> {
  if ((await findInMemory(ollama, name, signal)) === undefined) return
  throw new ModelyardError('provider_error', `${label} has ${name} in memory although it was deleted, and takes no request for it.`, {
    hint: 'It goes when its time without a request has passed, or when Ollama is started anew.',
  })
}
