import { ModelyardError } from '../../contract/index.ts'
import { askJson, untilSeen } from '../openai-chat/index.ts'
import { runLms } from './run-lms.ts'
import { knownLevel, type Studio, survey } from './studio.ts'

/** Unloads the named instance, or all of the model, and answers when LM Studio no longer lists them. */
export async function unloadModel(
  studio: Studio,
  target: { name: string; instanceId?: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  const level = await knownLevel(studio, signal)
  if (level === 'openai' || (level === 'v0' && studio.installation.lms === undefined)) {
    throw new ModelyardError('unsupported_operation', 'This version of LM Studio cannot be asked to unload a model.', {
      hint: 'Update LM Studio to 0.4 or later, or unload it there.',
    })
  }
  for (const id of await instancesOf(studio, target, signal)) await requestUnload(studio, id, signal)
  await untilSeen(async () => ((await instancesOf(studio, target, signal)).length === 0 ? true : undefined), signal)
}

/** One instance, by whatever the engine has for it. */
export async function unloadInstance(studio: Studio, id: string, signal: AbortSignal): Promise<void> {
  await askJson(
    studio.engine,
    { method: 'POST', path: '/api/v1/models/unload', body: { instance_id: id }, signal },
    { model: id, notFound: 'model' },
  )
  studio.ours.delete(id)
}

async function requestUnload(studio: Studio, id: string, signal: AbortSignal): Promise<void> {
  if (studio.level === 'v0') {
    // It ends with 0 even for a model it does not find; what counts is the list afterwards.
    if (studio.installation.lms !== undefined) await runLms(studio.installation.lms, ['unload', id], signal)
    studio.ours.delete(id)
    return
  }
  try {
    await unloadInstance(studio, id, signal)
  } catch (error) {
    // Gone already: that is what was wanted, and the list decides.
    if (ModelyardError.from(error).code !== 'model_not_found') throw error
  }
}

async function instancesOf(
  studio: Studio,
  target: { name: string; instanceId?: string | undefined },
  signal: AbortSignal,
): Promise<string[]> {
  const found = (await survey(studio, signal)).find((one) => one.model.name === target.name)
  const ids = found?.instances.map((one) => one.id) ?? []
  return target.instanceId === undefined ? ids : ids.filter((id) => id === target.instanceId)
}
