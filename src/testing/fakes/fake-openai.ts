/** A fake server that speaks OpenAI's dialect and nothing else, such as vLLM. By the documentation. */
import { createShelf, type FakeEngineOptions, type FakeShelf } from './fake-models.ts'
import { type FakeServer, type Replying, sendJson, startFakeServer } from './fake-server.ts'
import { sendOpenAiAnswer } from './openai-answer.ts'
import { sendOpenAiResponse } from './openai-responses.ts'
import { sendOpenAiVectors } from './openai-vectors.ts'

export interface FakeOpenAi extends FakeServer {
  readonly shelf: FakeShelf
}

export interface FakeOpenAiOptions extends FakeEngineOptions {
  /** `llama-swap` loads what is asked for, and tells what runs. */
  readonly ownedBy?: string
  /** Asked for as a bearer. */
  readonly apiKey?: string
}

export async function fakeOpenAi(options: FakeOpenAiOptions = {}): Promise<FakeOpenAi> {
  const server = await startFakeServer(
    (replying) => route(shelf, options, replying),
    options.port === undefined ? {} : { port: options.port },
  )
  const shelf = createShelf(options, server.changed)
  return Object.assign(server, { shelf })
}

const failure = (message: string, type: string, code: string | null = null) => ({ error: { message, type, param: null, code } })

const usualContext = 4096
/** As vLLM words it. */
const tooLong = (tokens: number, context: number): string =>
  `This model's maximum context length is ${context} tokens. However, your request has ${tokens} input tokens. Please reduce the length of the input messages.`

async function route(shelf: FakeShelf, options: FakeOpenAiOptions, replying: Replying): Promise<void> {
  const { asked, response } = replying
  if (options.apiKey !== undefined && asked.headers.authorization !== `Bearer ${options.apiKey}`) {
    return sendJson(response, failure('Incorrect API key provided.', 'invalid_request_error', 'invalid_api_key'), 401)
  }
  const line = `${asked.method} ${asked.path}`
  if (line === 'GET /v1/models') {
    const data = shelf.models.map(({ name, contextLength }) => ({
      id: name,
      object: 'model',
      created: 1_795_394_860,
      owned_by: options.ownedBy ?? 'vllm',
      ...(contextLength && { max_model_len: contextLength }),
    }))
    return sendJson(response, { object: 'list', data })
  }
  const swaps = options.ownedBy === 'llama-swap'
  if (swaps && line === 'GET /running')
    return sendJson(response, {
      running: [...shelf.loaded.keys()].map((model) => ({ model, state: 'ready', ttl: 0, name: '', description: '' })),
    })
  if (!/^POST \/v1\/(?:chat\/completions|responses|embeddings)$/.test(line))
    return sendJson(response, failure(`Unknown address ${asked.path}`, 'invalid_request_error'), 404)
  const model = shelf.find(asked.body?.model)
  if (!model)
    return sendJson(
      response,
      failure(`The model \`${String(asked.body?.model)}\` does not exist.`, 'NotFoundError', 'model_not_found'),
      404,
    )
  if (line === 'POST /v1/embeddings') {
    if (model.kind === 'embedding') return sendOpenAiVectors(replying, model, model.name)
    return sendJson(response, failure('The model does not support Embeddings API', 'BadRequestError'), 400)
  }
  if (model.kind === 'embedding')
    return sendJson(response, failure('The model does not support Chat Completions API', 'BadRequestError'), 400)
  if (model.broken) return sendJson(response, failure('Engine core failed to load the model.', 'InternalServerError'), 500)
  if (swaps) await shelf.load(model)
  const length = JSON.stringify(asked.body?.messages ?? []).length
  const context = model.contextLength ?? usualContext
  if (length > context * 4) return sendJson(response, failure(tooLong(length, context), 'BadRequestError'), 400)
  const { tokensPerSecond } = options
  const answer = { ...replying, shelf, model, name: model.name, tokensPerSecond, reasoningField: 'reasoning' as const }
  await (line === 'POST /v1/responses' ? sendOpenAiResponse(answer) : sendOpenAiAnswer(answer))
}
