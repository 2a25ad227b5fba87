import { type Capabilities, ModelyardError } from '../../contract/index.ts'
import { type Answer, ask, askJson, type Engine, errorOf, goodBody, isFields } from '../openai-chat/index.ts'

/**
 * Which of LM Studio's APIs answers: `v1` (0.4 and later) loads and unloads, `v0` (0.3.6 and later) says what is loaded
 * and loads by a request, `openai` only lists and chats. Newer ones have all older ones too.
 */
export type ApiLevel = 'v1' | 'v0' | 'openai'

const common: Capabilities = {
  load: 'lazy',
  loadProgress: false,
  unload: 'none',
  loadedState: false,
  reportsMemory: false,
  contextLength: 'fixed',
  gpuLayers: false,
  keepAlive: true,
  multipleModels: true,
  namesAnsweringModel: true,
  pull: false,
  import: 'none',
  remove: 'none',
  start: false,
}

/** `command`: the `lms` command was found, which starts the server and, where the API cannot, unloads. */
export function levelCapabilities(level: ApiLevel, command: boolean): Capabilities {
  if (level === 'v1') {
    // An explicit load has no time to live in this API.
    return {
      ...common,
      load: 'blocking',
      unload: 'sync',
      loadedState: true,
      contextLength: 'per-load',
      keepAlive: false,
      pull: true,
      start: command,
    }
  }
  if (level === 'v0') return { ...common, loadedState: true, unload: command ? 'sync' : 'none', start: command }
  return { ...common, start: command }
}

/** Does LM Studio answer there? Asked without the key. */
export async function greets(engine: Engine, signal: AbortSignal): Promise<boolean> {
  const { body } = await ask(engine, { path: '/lmstudio-greeting', signal, anonymous: true })
  return isFields(body) && body.lmstudio === true
}

/**
 * The newest API that answers with its own shape. Decided by the body alone: LM Studio answers an address it does not
 * have with 200 and an `error`.
 */
export async function findApiLevel(engine: Engine, signal: AbortSignal): Promise<ApiLevel> {
  const v1 = await readable(engine, '/api/v1/models', signal)
  if (isFields(v1) && Array.isArray(v1.models)) return 'v1'
  const v0 = await readable(engine, '/api/v0/models', signal)
  if (isFields(v0) && Array.isArray(v0.data)) return 'v0'
  const openai = await askJson(engine, { path: '/v1/models', signal })
  if (isFields(openai) && (Array.isArray(openai.data) || openai.data === null)) return 'openai'
  throw new ModelyardError('provider_protocol', 'LM Studio: expected a list of models at /api/v1/models, /api/v0/models or /v1/models.')
}

/** The body if this API is there; 401 is an answer of its own, anything else means that it is not there. */
async function readable(engine: Engine, path: string, signal: AbortSignal): Promise<unknown> {
  const answer: Answer = await ask(engine, { path, signal })
  if (answer.status === 401 || answer.status === 403) return goodBody(engine, answer)
  return answer.status === 200 && errorOf(answer.body) === undefined ? answer.body : undefined
}
