/** A fake `llama-server`, with one model or as a router: the shapes, codes and orders of the recordings of 0c1e570. */
import type { ServerResponse } from 'node:http'
import { sendAnthropicAnswer } from './anthropic-answer.ts'
import { createShelf, type FakeEngineOptions, type FakeModel, type FakeShelf, LoadFailed } from './fake-models.ts'
import { type FakeServer, type Replying, sendJson, startFakeServer } from './fake-server.ts'
import { textsIn, tokensIn } from './fake-vectors.ts'
import { followFolder, routerModels as modelsIn } from './folder-models.ts'
import { sendOpenAiAnswer } from './openai-answer.ts'
import { sendOpenAiVectors } from './openai-vectors.ts'

export interface FakeLlamaServer extends FakeServer {
  readonly shelf: FakeShelf
}

export interface FakeLlamaServerOptions extends FakeEngineOptions {
  /** A router over all models; else the first model is the one it was started with. */
  readonly router?: boolean
  /** false: a router that loads only what it is told to (`--no-models-autoload`). */
  readonly autoload?: boolean
  /** The folder of a router: read at its start, and again when a list asks for it. */
  readonly modelsDir?: string
}

interface State {
  readonly shelf: FakeShelf
  readonly options: FakeLlamaServerOptions
  readonly loading: Set<string>
  readonly failed: Set<string>
  rescan(): void
}

const fixedContext = 256

export async function fakeLlamaServer(options: FakeLlamaServerOptions = {}): Promise<FakeLlamaServer> {
  const server = await startFakeServer((replying) => route(state, replying), options.port === undefined ? {} : { port: options.port })
  const shelf = createShelf(options, server.changed)
  const { modelsDir } = options
  const rescan = modelsDir === undefined ? () => undefined : followFolder(shelf, () => modelsIn(modelsDir))
  rescan()
  const state: State = { shelf, options, loading: new Set(), failed: new Set(), rescan }
  const [only] = shelf.models
  if (!options.router && only) await shelf.load(only, { contextLength: fixedContext })
  return Object.assign(server, { shelf })
}

const notFound = { error: { message: 'File Not Found', type: 'not_found_error', code: 404 } }
const badRequest = (message: string, type = 'invalid_request_error') => ({ error: { code: 400, message, type } })

function route(state: State, replying: Replying): unknown {
  const { asked, response } = replying
  response.setHeader('server', 'llama.cpp')
  const line = `${asked.method} ${asked.path}`
  if (line === 'GET /health' || line === 'GET /v1/health') return sendJson(response, { status: 'ok' })
  if (line === 'GET /props') return sendJson(response, propsOf(state))
  if (line === 'GET /models' && (asked.query.get('reload') ?? '') !== '') state.rescan()
  if (line === 'GET /models' || line === 'GET /v1/models')
    return sendJson(response, state.options.router ? routerModels(state) : singleModels(state))
  if (line === 'POST /v1/chat/completions') return chat(state, replying)
  if (line === 'POST /v1/chat/completions/input_tokens' || line === 'POST /v1/messages/count_tokens') return countTokens(state, replying)
  if (line === 'POST /v1/messages') return messages(state, replying)
  if (line === 'POST /v1/embeddings') return embeddings(state, replying)
  if (state.options.router && line === 'POST /models/load') return load(state, replying)
  if (state.options.router && line === 'POST /models/unload') return unload(state, replying)
  return sendJson(response, notFound, 404)
}

const fileOf = (model: FakeModel): string => `models/${model.name}.gguf`

function propsOf({ shelf, options }: State): unknown {
  const [only] = shelf.models
  if (options.router || !only) {
    return {
      role: 'router',
      max_instances: options.maxLoaded ?? 4,
      models_autoload: options.autoload ?? true,
      model_alias: 'llama-server',
      model_path: 'none',
      default_generation_settings: { params: null, n_ctx: 0 },
      build_info: 'b1-0c1e570',
    }
  }
  return {
    default_generation_settings: { params: {}, n_ctx: fixedContext },
    total_slots: 4,
    model_alias: fileOf(only),
    model_ftype: 'all F32',
    model_path: fileOf(only),
    modalities: { vision: false, video: false, audio: false },
    chat_template: '{{ messages }}',
    chat_template_caps: { supports_tools: false },
    build_info: 'b1-0c1e570',
  }
}

const metaOf = (model: FakeModel) => ({
  vocab_type: 1,
  n_vocab: 320,
  n_ctx: fixedContext,
  n_ctx_train: model.contextLength ?? 4096,
  n_embd: 64,
  n_params: 123_200,
  size: model.sizeBytes ?? 492_800,
  ftype: 'all F32',
})

function singleModels({ shelf }: State): unknown {
  const models = shelf.models.slice(0, 1)
  return {
    models: models.map((model) => ({
      name: fileOf(model),
      model: fileOf(model),
      modified_at: '',
      size: '',
      digest: '',
      type: 'model',
      description: '',
      tags: [''],
      capabilities: [model.kind === 'embedding' ? 'embedding' : 'completion'],
      parameters: '',
      details: { parent_model: '', format: 'gguf', family: '', families: [''], parameter_size: '', quantization_level: '' },
    })),
    object: 'list',
    data: models.map((model) => ({
      id: fileOf(model),
      aliases: [fileOf(model)],
      tags: [],
      object: 'model',
      created: 1_795_394_604,
      owned_by: 'llamacpp',
      meta: metaOf(model),
    })),
  }
}

function routerModels({ shelf, loading, failed }: State): unknown {
  return {
    data: shelf.models.map((model) => {
      const value = shelf.loaded.has(model.name) ? 'loaded' : loading.has(model.name) ? 'loading' : 'unloaded'
      return {
        id: model.name,
        aliases: [],
        tags: [],
        object: 'model',
        owned_by: 'llamacpp',
        created: 1_795_394_633,
        status: {
          value,
          args: [
            'llama-server',
            '--host',
            '127.0.0.1',
            '--alias',
            model.name,
            '--ctx-size',
            String(fixedContext),
            '--model',
            `rmodels/${model.name}.gguf`,
          ],
          preset: `[${model.name}]\nctx-size = ${fixedContext}\n\n`,
          ...(failed.has(model.name) && value === 'unloaded' && { exit_code: 1, failed: true }),
        },
        architecture: { input_modalities: ['text'], output_modalities: ['text'] },
        source: 'models_dir',
        can_remove: false,
        ...(value === 'loaded' && { meta: metaOf(model) }),
      }
    }),
    object: 'list',
  }
}

/** Answers at once; what becomes of it is seen in the list. */
function load(state: State, { asked, response }: Replying): void {
  const { shelf, loading } = state
  const model = shelf.find(asked.body?.model)
  if (!model) return sendJson(response, notFound, 404)
  if (shelf.loaded.has(model.name) || loading.has(model.name)) return sendJson(response, badRequest('model is already running'), 400)
  void bring(state, model).catch(() => undefined)
  sendJson(response, { success: true })
}

async function bring({ shelf, loading, failed }: State, model: FakeModel): Promise<void> {
  loading.add(model.name)
  failed.delete(model.name)
  try {
    await shelf.load(model, { contextLength: fixedContext })
  } catch (error) {
    failed.add(model.name)
    throw error
  } finally {
    loading.delete(model.name)
  }
}

function unload({ shelf, loading }: State, { asked, response }: Replying): void {
  const model = shelf.find(asked.body?.model)
  if (!model) return sendJson(response, badRequest('model is not found'), 400)
  if (!shelf.loaded.has(model.name) && !loading.has(model.name)) return sendJson(response, badRequest('model is not running'), 400)
  shelf.unload(model.name)
  sendJson(response, { success: true })
}

async function chat(state: State, replying: Replying): Promise<void> {
  const { asked, response } = replying
  if (asked.body === undefined)
    return sendJson(
      response,
      { error: { code: 500, message: '[json.exception.parse_error.101] parse error at line 1, column 6', type: 'server_error' } },
      500,
    )
  const model = await modelOf(state, replying)
  if (!model) return
  if (!Array.isArray(asked.body.messages)) return sendJson(response, badRequest("'messages' is required"), 400)
  if (model.kind === 'embedding') return sendJson(response, notSupported('This server does not support completions.'), 501)
  const unsaid = logprobsRefusal(asked.body)
  if (unsaid !== undefined) return sendJson(response, badRequest(unsaid), 400)
  const length = JSON.stringify(asked.body.messages).length
  if (length > fixedContext * 8) return sendJson(response, tooLong(length), 400)
  await sendOpenAiAnswer({
    ...replying,
    shelf: state.shelf,
    model,
    name: nameOf(state, model),
    fingerprint: 'b1-0c1e570',
    closes: true,
    timed: true,
    namesNoTool: true,
    logprobs: 'counted',
    tokensPerSecond: state.options.tokensPerSecond,
  })
}

function logprobsRefusal({ logprobs, top_logprobs: top, tools, stream }: Readonly<Record<string, unknown>>): string | undefined {
  const calls = Array.isArray(tools) && tools.length > 0
  if (logprobs === true) return calls && stream === true ? 'logprobs is not supported with tools + stream' : undefined
  return top === undefined || top === null ? undefined : 'top_logprobs requires logprobs to be set to true'
}

const notSupported = (message: string) => ({ error: { code: 501, message, type: 'not_supported_error' } })

function tooLong(length: number): object {
  const message = `request (${length} tokens) exceeds the available context size (${fixedContext} tokens), try increasing it`
  const { error } = badRequest(message, 'exceed_context_size_error')
  return { error: { ...error, n_prompt_tokens: length, n_ctx: fixedContext } }
}

const nameOf = (state: State, model: FakeModel): string => (state.options.router ? model.name : fileOf(model))

const modelOf = async (state: State, { asked, response }: Replying): Promise<FakeModel | undefined> =>
  state.options.router ? routed(state, asked.body?.model, response) : state.shelf.models[0]

async function messages(state: State, replying: Replying): Promise<void> {
  const model = await modelOf(state, replying)
  if (!model) return
  const length = JSON.stringify(replying.asked.body?.messages ?? []).length
  if (length > fixedContext * 8) return sendJson(replying.response, tooLong(length), 400)
  const { shelf, options } = state
  const name = nameOf(state, model)
  await sendAnthropicAnswer({ ...replying, shelf, model, name, llamaServer: true, tokensPerSecond: options.tokensPerSecond })
}

/** As both dialects ask for it: the letters of the whole prompt. */
async function countTokens(state: State, replying: Replying): Promise<void> {
  const { asked, response } = replying
  const model = await modelOf(state, replying)
  if (!model) return
  const { messages, tools, system } = asked.body ?? {}
  const input_tokens = tokensIn(JSON.stringify([messages, tools, system]))
  sendJson(response, { input_tokens, ...(asked.path.endsWith('/input_tokens') && { object: 'response.input_tokens' }) })
}

async function embeddings(state: State, replying: Replying): Promise<void> {
  const { asked, response } = replying
  const model = await modelOf(state, replying)
  if (!model) return
  if (model.kind !== 'embedding') {
    return sendJson(response, notSupported('This server does not support embeddings. Start it with `--embeddings`'), 501)
  }
  const longest = Math.max(0, ...textsIn(asked.body?.input).map(tokensIn))
  if (longest > fixedContext) return sendJson(response, tooLong(longest), 400)
  sendOpenAiVectors(replying, model, nameOf(state, model))
}

/** The router loads what is asked for, and says so when it cannot. */
async function routed(state: State, name: unknown, response: ServerResponse): Promise<FakeModel | undefined> {
  if (name === undefined) return void sendJson(response, badRequest('model name is missing from the request'), 400)
  const model = state.shelf.find(name)
  if (!model) return void sendJson(response, badRequest(`model '${String(name)}' not found`), 400)
  const isLoaded = state.shelf.loaded.has(model.name)
  // server-models.cpp, router_validate_model.
  if (!isLoaded && state.options.autoload === false) return void sendJson(response, badRequest('model is not loaded'), 400)
  try {
    if (!isLoaded) await bring(state, model)
    return model
  } catch (error) {
    if (!(error instanceof LoadFailed)) throw error
    return void sendJson(response, { error: { code: 500, message: `model name=${model.name} failed to load`, type: 'server_error' } }, 500)
  }
}
