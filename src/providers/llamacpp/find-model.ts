import { ModelyardError } from '../../contract/index.ts'
import type { LoadedInstance } from '../provider.ts'
import { readServerModels, type ServerModel } from './read-models.ts'
import { knownMode, type Server } from './server.ts'

/** Every model that is there. */
export async function presentModels(server: Server, signal: AbortSignal): Promise<ServerModel[]> {
  await knownMode(server, signal)
  return (await readServerModels(server, signal)).filter(({ status }) => status !== 'downloading')
}

/** By its name, else by one of its aliases. */
export function modelNamed(models: readonly ServerModel[], name: string): ServerModel | undefined {
  return models.find(({ model }) => model.name === name) ?? models.find(({ aliases }) => aliases.includes(name))
}

export async function findModel(server: Server, name: string, signal: AbortSignal): Promise<ServerModel> {
  const found = modelNamed(await presentModels(server, signal), name)
  if (!found) throw unknownModel(name)
  return found
}

export const unknownModel = (name: string): ModelyardError =>
  new ModelyardError('model_not_found', `llama.cpp does not list ${name}.`, { details: { model: name } })

export function instanceOf(server: Server, found: ServerModel, contextLength = found.runningContext): LoadedInstance {
  return {
    name: found.model.name,
    contextLength,
    load: contextLength === undefined || contextLength < 4 ? {} : { contextLength },
    loadedBy: server.ours.has(found.id) ? 'us' : 'other',
    state: found.status === 'loading' ? 'loading' : 'ready',
  }
}

export const inMemory = ({ status }: ServerModel): boolean => status === 'loaded' || status === 'loading'
