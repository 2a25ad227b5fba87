import { abortReason, type LoadOptions, ModelyardError } from '../../contract/index.ts'
import { loadLimitMs } from '../load-limit.ts'
import { refuseContext, refuseOptions } from '../load-options.ts'
import { ask, engineError, goodBody, untilSeen } from '../openai-chat/index.ts'
import type { LoadContext, LoadedInstance } from '../provider.ts'
import { findModel, instanceOf } from './find-model.ts'
import type { ServerModel } from './read-models.ts'
import { knownMode, label, readProps, type Server, serverCapabilities } from './server.ts'

/**
 * A single server has its model loaded: this only checks the options. A router is told to load and asked until the
 * model is there or its process has ended. Its context is fixed where it is configured; the instance says the true one.
 */
export async function loadModel(server: Server, name: string, options: LoadOptions, context: LoadContext): Promise<LoadedInstance> {
  const mode = await knownMode(server, context.signal)
  refuseOptions(options, serverCapabilities(server), label)
  const found = await findModel(server, name, context.signal)
  if (mode === 'single') return single(server, found, options, context.signal)
  if (found.status === 'loaded') return instanceOf(server, found)
  return routed(server, found, context)
}

async function single(server: Server, found: ServerModel, options: LoadOptions, signal: AbortSignal): Promise<LoadedInstance> {
  const { contextLength } = await readProps(server, signal)
  refuseContext(options.contextLength, [found.runningContext, contextLength], label)
  return instanceOf(server, found, found.runningContext ?? contextLength)
}

async function routed(server: Server, found: ServerModel, context: LoadContext): Promise<LoadedInstance> {
  const { id, model } = found
  const limit = AbortSignal.timeout(loadLimitMs(context.sizeBytes ?? model.sizeBytes))
  const signal = AbortSignal.any([context.signal, limit])
  let begun = found.status === 'unloaded'
  try {
    begun = (await requestLoad(server, id, signal)) && begun
    if (begun) server.ours.add(id)
    return instanceOf(server, await settled(server, found, signal))
  } catch (error) {
    if (!signal.aborted) throw error
    // What was begun is ended: the router stops the process of a model that is loading.
    if (begun) await endLoad(server, id)
    if (context.signal.aborted) throw abortReason(context.signal)
    throw new ModelyardError('timeout', `llama.cpp did not load ${model.name} in the time allowed for its size.`)
  }
}

/** False when it runs, or is on its way, already. */
async function requestLoad(server: Server, id: string, signal: AbortSignal): Promise<boolean> {
  const answer = await ask(server.engine, { method: 'POST', path: '/models/load', body: { model: id }, signal })
  if (answer.status === 400 && /already (?:running|loaded|loading)/i.test(answer.text)) return false
  const body = goodBody(server.engine, answer, { model: id, notFound: 'model' })
  if ('success' in (body as object) && (body as { success: unknown }).success !== true) throw engineError(answer, { label, model: id })
  return true
}

/** How often it may be seen unloaded, without having failed, before that is the end: a router may need a moment to begin. */
const looksBeforeGivenUp = 12

async function settled(server: Server, { id, model }: ServerModel, signal: AbortSignal): Promise<ServerModel> {
  let begun = false
  let looks = 0
  return untilSeen(async () => {
    const now = await findModel(server, model.name, signal)
    // One that sleeps wakes by the next request.
    if (now.status === 'loaded' || now.status === 'sleeping') return now
    if (now.status === 'loading') begun = true
    else if (now.failed || begun || ++looks > looksBeforeGivenUp) {
      server.ours.delete(id)
      throw loadFailed(now)
    }
    return undefined
  }, signal)
}

function loadFailed({ model, failed, exitCode }: ServerModel): ModelyardError {
  const ended = exitCode === undefined ? 'its process ended' : `its process ended with code ${exitCode}`
  const why = failed ? ended : 'the router unloaded it again before it was ready'
  return new ModelyardError('load_failed', `llama.cpp could not load ${model.name}: ${why}.`, {
    hint: 'The log of llama-server has the reason: often a damaged file, an unknown architecture or too little memory.',
    details: { model: model.name, ...(exitCode !== undefined && { exitCode }) },
  })
}

const endLimitMs = 5_000

async function endLoad(server: Server, id: string): Promise<void> {
  server.ours.delete(id)
  const signal = AbortSignal.timeout(endLimitMs)
  await ask(server.engine, { method: 'POST', path: '/models/unload', body: { model: id }, signal }).catch(() => undefined)
}
