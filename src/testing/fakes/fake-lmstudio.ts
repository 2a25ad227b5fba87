/**
 * A fake LM Studio by its documentation: it could not be recorded. Unknown addresses answer 200 with an error; a second
 * load of a model makes a second instance. `level` is the newest API it has.
 */
import { createShelf, type FakeEngineOptions, type FakeModel, type FakeShelf, LoadFailed } from './fake-models.ts'
import { type FakeServer, type Replying, sendJson, startFakeServer } from './fake-server.ts'
import { followFolder, studioModels } from './folder-models.ts'
import { sendOpenAiAnswer } from './openai-answer.ts'
import { sendOpenAiVectors } from './openai-vectors.ts'

export interface FakeLmStudio extends FakeServer {
  readonly shelf: FakeShelf
  /** Ids of what is in memory, and what they are. */
  readonly instances: Map<string, { readonly model: FakeModel; readonly contextLength: number }>
}

export interface FakeLmStudioOptions extends FakeEngineOptions {
  readonly level?: 'v1' | 'v0' | 'openai'
  /** false: it loads only what it is told to. */
  readonly justInTime?: boolean
  /** Its models folder: each list is what the last scan found, and the next scan begins after it. */
  readonly modelsDir?: string
  /** Lists nothing of what is put there later. */
  readonly blind?: boolean
  /** What its own downloads go through, one state a look, the last with what it `lists`; without it no name is known. */
  readonly downloads?: readonly Readonly<Record<string, unknown>>[]
}

interface State extends Pick<FakeLmStudio, 'shelf' | 'instances'> {
  readonly options: FakeLmStudioOptions
  rescan(): void
  /** Came by its own downloads. */
  readonly own: FakeModel[]
  looks: number
}

export async function fakeLmStudio(options: FakeLmStudioOptions = {}): Promise<FakeLmStudio> {
  const server = await startFakeServer((replying) => route(state, replying), options.port === undefined ? {} : { port: options.port })
  const shelf = createShelf(options, server.changed)
  const { modelsDir } = options
  const own: FakeModel[] = []
  const rescan = followFolder(shelf, () => [...own, ...(modelsDir === undefined ? [] : studioModels(modelsDir))])
  rescan()
  const state: State = { shelf, instances: new Map(), options, own, rescan: options.blind ? () => undefined : rescan, looks: 0 }
  return Object.assign(server, { shelf, instances: state.instances })
}

const failure = (message: string, type = 'internal_error') => ({ error: { type, message } })

function route(state: State, replying: Replying): unknown {
  const { asked, response } = replying
  const level = state.options.level ?? 'v1'
  const line = `${asked.method} ${asked.path}`
  if (line === 'GET /lmstudio-greeting') return sendJson(response, { lmstudio: true })
  if (/^GET .*\/models$/.test(line)) response.once('finish', state.rescan)
  if (line === 'GET /v1/models')
    return sendJson(response, {
      object: 'list',
      data: state.shelf.models.map(({ name }) => ({ id: name, object: 'model', owned_by: 'organization_owner' })),
    })
  if (line === 'POST /v1/chat/completions') return chat(state, replying)
  if (line === 'POST /v1/embeddings') return embeddings(state, replying)
  if (level !== 'openai' && line === 'GET /api/v0/models')
    return sendJson(response, { object: 'list', data: state.shelf.models.map((model) => v0Model(state, model)) })
  if (level === 'v1' && line === 'GET /api/v1/models')
    return sendJson(response, { models: state.shelf.models.map((model) => v1Model(state, model)) })
  if (level === 'v1' && line === 'POST /api/v1/models/load') return load(state, replying)
  if (level === 'v1' && line === 'POST /api/v1/models/unload') return unload(state, replying)
  if (level === 'v1' && line === 'POST /api/v1/models/download') return download(state, replying)
  if (level === 'v1' && asked.method === 'GET' && asked.path.startsWith('/api/v1/models/download/status/'))
    return downloadStatus(state, replying)
  return sendJson(response, { error: `Unexpected endpoint or method. (${line}). Returning 200 anyway` })
}

const instancesOf = ({ instances }: State, model: FakeModel) => [...instances].filter(([, one]) => one.model === model)

const v1Model = (state: State, model: FakeModel) => ({
  type: model.kind === 'embedding' ? 'embedding' : 'llm',
  publisher: 'lab',
  key: model.name,
  display_name: model.name,
  architecture: model.family ?? (model.kind === 'embedding' ? 'nomic-bert' : 'llama'),
  quantization: { name: model.quantization ?? 'Q4_K_M', bits_per_weight: 4 },
  size_bytes: model.sizeBytes ?? 5_000_000,
  params_string: model.parameters ?? '8B',
  loaded_instances: instancesOf(state, model).map(([id, { contextLength }]) => ({ id, config: { context_length: contextLength } })),
  max_context_length: model.contextLength ?? 4096,
  format: 'gguf',
  ...(model.kind !== 'embedding' && { capabilities: { vision: false, trained_for_tool_use: true } }),
})

const v0Model = (state: State, model: FakeModel) => {
  const [first] = instancesOf(state, model)
  return {
    id: model.name,
    object: 'model',
    type: model.kind === 'embedding' ? 'embeddings' : 'llm',
    publisher: 'lab',
    arch: 'llama',
    compatibility_type: 'gguf',
    quantization: model.quantization ?? 'Q4_K_M',
    state: first ? 'loaded' : 'not-loaded',
    max_context_length: model.contextLength ?? 4096,
    ...(first && { loaded_context_length: first[1].contextLength }),
  }
}

async function load(state: State, { asked, response }: Replying): Promise<void> {
  const model = state.shelf.find(asked.body?.model)
  if (!model) return sendJson(response, failure(`Model ${String(asked.body?.model)} not found`, 'model_not_found'), 404)
  const wanted = asked.body?.context_length
  const contextLength = Math.min(typeof wanted === 'number' ? wanted : 4096, model.contextLength ?? 4096)
  try {
    await bring(state, model, contextLength)
  } catch (error) {
    if (!(error instanceof LoadFailed)) throw error
    return sendJson(response, failure('Failed to load model: error loading model: unknown model architecture'), 500)
  }
  const id = [...state.instances.keys()].at(-1)
  sendJson(response, {
    type: 'llm',
    instance_id: id,
    load_time_seconds: 0.1,
    status: 'loaded',
    load_config: { context_length: contextLength },
  })
}

async function bring(state: State, model: FakeModel, contextLength: number): Promise<void> {
  await state.shelf.load(model, { contextLength })
  for (const [id, one] of state.instances) if (!state.shelf.loaded.has(one.model.name)) state.instances.delete(id)
  const count = instancesOf(state, model).length
  state.instances.set(count === 0 ? model.name : `${model.name}:${count + 1}`, { model, contextLength })
}

function unload(state: State, { asked, response }: Replying): void {
  const id = String(asked.body?.instance_id)
  const found = state.instances.get(id)
  if (!found) return sendJson(response, failure('No such instance', 'model_not_found'), 404)
  state.instances.delete(id)
  if (instancesOf(state, found.model).length === 0) state.shelf.unload(found.model.name)
  sendJson(response, { instance_id: id })
}

function download(state: State, { asked, response }: Replying): void {
  const [first] = state.options.downloads ?? []
  if (!first) return sendJson(response, failure(`Model ${String(asked.body?.model)} not found`, 'model_not_found'), 404)
  state.looks = 0
  sendJson(response, first.status === 'already_downloaded' ? first : { job_id: 'job-1', ...first })
}

/** The state after the one that was told last; the last one stays. */
function downloadStatus(state: State, { asked, response }: Replying): void {
  const { downloads = [] } = state.options
  if (!asked.path.endsWith('/job-1')) return sendJson(response, failure('No such job', 'job_not_found'), 404)
  state.looks = Math.min(state.looks + 1, downloads.length - 1)
  const now = downloads[state.looks]
  if (now?.status === 'completed' && typeof now.lists === 'string') state.own.push({ name: now.lists })
  sendJson(response, { job_id: 'job-1', ...now })
}

/** A model that is not in memory is loaded by the request. Answers undefined when the failure has been said. */
async function inMemory(state: State, { asked, response }: Replying): Promise<FakeModel | undefined> {
  const name = String(asked.body?.model)
  const model = state.instances.get(name)?.model ?? state.shelf.find(name)
  if (!model) {
    const error = { message: `Model ${name} not found`, type: 'invalid_request_error', param: 'model', code: 'model_not_found' }
    return void sendJson(response, { error }, 404)
  }
  const isLoaded = instancesOf(state, model).length > 0
  if (!isLoaded && state.options.justInTime === false) return void sendJson(response, notLoaded, 400)
  try {
    if (!isLoaded) await bring(state, model, 4096)
    return model
  } catch (error) {
    if (!(error instanceof LoadFailed)) throw error
    return void sendJson(response, failure('Failed to load model'), 400)
  }
}

/** As its users report it. */
const notLoaded = {
  error: {
    message: "No models loaded. Please load a model in the developer page or use the 'lms load' command.",
    type: 'invalid_request_error',
    param: 'model',
    code: null,
  },
}

async function embeddings(state: State, replying: Replying): Promise<void> {
  const model = await inMemory(state, replying)
  if (!model) return
  if (model.kind === 'embedding') return sendOpenAiVectors(replying, model, model.name)
  sendJson(replying.response, { error: 'Model is not embedding' }, 400)
}

/** What it refuses of OpenAI's dialect, as its users report it. */
function refusalOf(body: Replying['asked']['body']): string | undefined {
  if (typeof body?.tool_choice === 'object') return "Invalid tool_choice type: 'object'. Supported string values: none, auto, required"
  const format = body?.response_format as { type?: string } | undefined
  const known = format === undefined || format.type === 'json_schema' || format.type === 'text'
  return known ? undefined : "'response_format.type' must be 'json_schema' or 'text'"
}

async function chat(state: State, replying: Replying): Promise<void> {
  const { asked, response } = replying
  const refused = refusalOf(asked.body)
  if (refused !== undefined) return sendJson(response, { error: refused }, 400)
  const model = await inMemory(state, replying)
  if (!model) return
  const name = String(asked.body?.model)
  const context = instancesOf(state, model)[0]?.[1].contextLength ?? 4096
  const length = JSON.stringify(asked.body?.messages ?? []).length
  if (length > context * 4) return sendJson(response, { error: tooLong(length, context) }, 400)
  await sendOpenAiAnswer({
    ...replying,
    shelf: state.shelf,
    model,
    name,
    logprobs: 'never',
    tokensPerSecond: state.options.tokensPerSecond,
  })
}

/** As its users report it. */
const tooLong = (tokens: number, context: number): string =>
  `Trying to keep the first ${tokens} tokens when context the overflows. However, the model is loaded with context length of only ${context} tokens, which is not enough.`
