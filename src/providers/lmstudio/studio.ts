import { type LoadOptions, ModelyardError } from '../../contract/index.ts'
import type { Engine } from '../openai-chat/index.ts'
import type { LoadedInstance } from '../provider.ts'
import { type ApiLevel, findApiLevel } from './api-level.ts'
import type { Installation } from './find-home.ts'
import { type Instance, readStudioModels, type StudioModel } from './read-models.ts'

export const label = 'LM Studio'

/** What the calls of one provider share. */
export interface Studio {
  readonly engine: Engine
  /** Found by the last probe or, before the first, by the first call. */
  level: ApiLevel | undefined
  installation: Installation
  /** It is on this machine, and so are its files. */
  readonly local: boolean
  /** Ids of the instances that were loaded because we asked. */
  readonly ours: Set<string>
  /** Which instance answers for a model, where we chose one: its key to the instance's id. */
  readonly chosen: Map<string, string>
  /** Every instance seen: its id to the model's key. */
  readonly keys: Map<string, string>
  /** Ends what goes on behind an aborted load. */
  readonly closing: AbortController
}

export async function knownLevel(studio: Studio, signal: AbortSignal): Promise<ApiLevel> {
  studio.level ??= await findApiLevel(studio.engine, signal)
  return studio.level
}

/** All models with their instances; remembers whose the instances are. */
export async function survey(studio: Studio, signal: AbortSignal): Promise<StudioModel[]> {
  const found = await readStudioModels(studio.engine, await knownLevel(studio, signal), signal)
  studio.keys.clear()
  for (const { model, instances } of found) for (const { id } of instances) studio.keys.set(id, model.name)
  if (studio.level !== 'v1') return found
  // Unloaded by somebody else; who loads it next is not us. (Older APIs load by a request: ours may not be there yet.)
  for (const id of studio.ours) if (!studio.keys.has(id)) studio.ours.delete(id)
  for (const [key, id] of studio.chosen) if (studio.keys.get(id) !== key) studio.chosen.delete(key)
  return found
}

export async function findModel(studio: Studio, name: string, signal: AbortSignal): Promise<StudioModel> {
  const found = (await survey(studio, signal)).find((one) => one.model.name === name)
  if (!found) throw new ModelyardError('model_not_found', `LM Studio does not list ${name}.`, { details: { model: name } })
  return found
}

export function loadedInstance(studio: Studio, name: string, instance: Instance): LoadedInstance {
  const { id, contextLength } = instance
  return {
    name,
    instanceId: id,
    contextLength,
    load: runningOptions(contextLength),
    loadedBy: studio.ours.has(id) ? 'us' : 'other',
    state: 'ready',
  }
}

const runningOptions = (contextLength: number | undefined): LoadOptions =>
  contextLength === undefined || contextLength < 4 ? {} : { contextLength }
