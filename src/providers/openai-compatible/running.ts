import { ModelyardError } from '../../contract/index.ts'
import { askJson, type Engine, isFields, untilSeen } from '../openai-chat/index.ts'

export interface RunningModel {
  readonly id: string
  readonly ready: boolean
}

/** llama-swap's `GET /running`: what is in memory or on its way. `cmd` and `proxy` are nobody's business. */
export async function running(engine: Engine, signal: AbortSignal): Promise<RunningModel[]> {
  const body = await askJson(engine, { path: '/running', signal })
  const list = isFields(body) ? body.running : undefined
  if (!Array.isArray(list)) throw new ModelyardError('provider_protocol', `${engine.label}: expected a list as "running".`)
  return list
    .filter((one): one is Record<string, unknown> => isFields(one) && typeof one.model === 'string')
    .filter((one) => one.state !== 'stopped' && one.state !== 'shutdown')
    .map((one) => ({ id: String(one.model), ready: one.state === 'ready' }))
}

/** Unloads one model of llama-swap and answers when it no longer runs. */
export async function stopRunning(engine: Engine, id: string, signal: AbortSignal): Promise<void> {
  const isRunning = async () => (await running(engine, signal)).some((one) => one.id === id)
  if (!(await isRunning())) return
  await askJson(engine, { method: 'POST', path: `/api/models/unload/${encodeURIComponent(id)}`, body: {}, signal }, { model: id })
  await untilSeen(async () => ((await isRunning()) ? undefined : true), signal)
}
