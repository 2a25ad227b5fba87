import { ModelyardError } from '../../contract/index.ts'
import { ask, goodBody, untilSeen } from '../openai-chat/index.ts'
import { inMemory, modelNamed, presentModels } from './find-model.ts'
import { knownMode, type Server } from './server.ts'

/** Tells a router to unload and answers when the model no longer runs. A single server cannot unload. */
export async function unloadModel(server: Server, name: string, signal: AbortSignal): Promise<void> {
  if ((await knownMode(server, signal)) === 'single') {
    throw new ModelyardError('unsupported_operation', 'A llama-server with one model cannot unload it.', {
      hint: 'Stop the server, or start it as a router with --models-dir.',
    })
  }
  const found = modelNamed(await presentModels(server, signal), name)
  if (!found) return
  const answer = await ask(server.engine, { method: 'POST', path: '/models/unload', body: { model: found.id }, signal })
  if (answer.status !== 400 || !/not (?:running|found|loaded)/i.test(answer.text)) goodBody(server.engine, answer, { model: name })
  await untilSeen(async () => {
    const now = modelNamed(await presentModels(server, signal), name)
    return now === undefined || !inMemory(now) ? true : undefined
  }, signal)
  server.ours.delete(found.id)
}
