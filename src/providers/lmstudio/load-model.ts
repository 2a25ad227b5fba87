import { abortReason, type LoadOptions, ModelyardError } from '../../contract/index.ts'
import { loadLimitMs } from '../load-limit.ts'
import { refuseContext, refuseOptions } from '../load-options.ts'
import { askJson, isFields } from '../openai-chat/index.ts'
import type { LoadContext, LoadedInstance } from '../provider.ts'
import { levelCapabilities } from './api-level.ts'
import { findModel, knownLevel, loadedInstance, type Studio } from './studio.ts'
import { unloadInstance } from './unload-model.ts'

/**
 * Loads, or answers with an instance that is there already and has the wanted context: a second load of the same model
 * would make a second instance. Where the API has no load of its own the next request loads, and this only makes sure
 * that there is such a model.
 */
export async function loadModel(studio: Studio, name: string, options: LoadOptions, context: LoadContext): Promise<LoadedInstance> {
  const level = await knownLevel(studio, context.signal)
  refuseOptions(options, levelCapabilities(level, false), 'LM Studio')
  const { model, instances } = await findModel(studio, name, context.signal)
  const fitting = instances.find(({ contextLength }) => options.contextLength === undefined || options.contextLength === contextLength)
  if (fitting) return choose(studio, name, loadedInstance(studio, name, fitting))
  if (level !== 'v1') {
    refuseContext(
      options.contextLength,
      instances.map((one) => one.contextLength),
      'This version of LM Studio',
    )
    studio.ours.add(name)
    return { name, loadedBy: 'us' }
  }
  const sizeBytes = context.sizeBytes ?? model.sizeBytes
  const id = await requestLoad(studio, { name, options, signal: context.signal, limitMs: loadLimitMs(sizeBytes) })
  return choose(studio, name, await confirmed(studio, { name, id, signal: context.signal }))
}

interface LoadRequest {
  readonly name: string
  readonly options: LoadOptions
  readonly signal: AbortSignal
  readonly limitMs: number
}

/**
 * The request goes on when the caller aborts, because closing it is not known to end the load: the instance is unloaded
 * when it comes. A context length is sent only when it was asked for: it would overrule what the user saved for the model.
 */
async function requestLoad(studio: Studio, { name, options, signal, limitMs }: LoadRequest): Promise<string> {
  const { contextLength } = options
  const body = { model: name, echo_load_config: true, ...(contextLength !== undefined && { context_length: contextLength }) }
  const request = {
    method: 'POST' as const,
    path: '/api/v1/models/load',
    body,
    signal: studio.closing.signal,
    headersTimeoutMs: limitMs * 2,
  }
  const loading = askJson(studio.engine, request, { model: name, notFound: 'model' }).then(instanceIdOf)
  const limit = AbortSignal.timeout(limitMs)
  try {
    const id = await orAborted(loading, AbortSignal.any([signal, limit]))
    studio.ours.add(id)
    return id
  } catch (error) {
    if (!signal.aborted && !limit.aborted) throw asLoadError(error, name)
    loading.then((id) => unloadInstance(studio, id, studio.closing.signal)).catch(() => undefined)
    if (signal.aborted) throw abortReason(signal)
    throw new ModelyardError('timeout', `LM Studio did not load ${name} within ${Math.round(limitMs / 1000)} s.`)
  }
}

/** What is really in memory now; the engine may have lowered the context. */
async function confirmed(studio: Studio, { name, id, signal }: { name: string; id: string; signal: AbortSignal }): Promise<LoadedInstance> {
  const { instances } = await findModel(studio, name, signal)
  const instance = instances.find((one) => one.id === id)
  if (!instance) throw new ModelyardError('load_failed', `LM Studio said that ${name} is loaded, but does not list it in memory.`)
  return loadedInstance(studio, name, instance)
}

function choose(studio: Studio, name: string, instance: LoadedInstance): LoadedInstance {
  if (instance.instanceId !== undefined) studio.chosen.set(name, instance.instanceId)
  return instance
}

function instanceIdOf(body: unknown): string {
  if (isFields(body) && typeof body.instance_id === 'string' && body.instance_id !== '') return body.instance_id
  throw new ModelyardError('provider_protocol', 'LM Studio: expected an "instance_id" in the answer to a load.')
}

/** A load that failed for a reason the engine words in its own way is a failed load. */
function asLoadError(error: unknown, name: string): ModelyardError {
  const known = ModelyardError.from(error)
  if (known.code !== 'provider_error' && known.code !== 'not_a_chat_model') return known
  return new ModelyardError('load_failed', `${name} could not be loaded. ${known.message}`, { cause: error })
}

/** What comes first: the work's end or the signal's. The work goes on in either case. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = deferred()
  const leave = (): void => reject(abortReason(signal))
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

function deferred(): { promise: Promise<never>; reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = () => undefined
  const promise = new Promise<never>((_, no) => {
    reject = no
  })
  return { promise, reject }
}
