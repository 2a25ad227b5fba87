/** A fake Ollama: the shapes, codes and orders of the recordings of 0.32.15. */
import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { createShelf, type FakeEngineOptions, type FakeModel, type FakeShelf, type InMemory, LoadFailed, tokensOf } from './fake-models.ts'
import { type Asked, type FakeServer, type Fault, type Replying, sendJson, startFakeServer } from './fake-server.ts'
import { sendOpenAiAnswer } from './openai-answer.ts'
import { writeSlowly } from './write-slowly.ts'

export interface FakeOllama extends FakeServer {
  readonly shelf: FakeShelf
}

const defaultTokens = 8

export async function fakeOllama(options: FakeEngineOptions = {}): Promise<FakeOllama> {
  const server = await startFakeServer(
    (replying) => route(shelf, options, replying),
    options.port === undefined ? {} : { port: options.port },
  )
  const shelf = createShelf(options, server.changed, sameName)
  return Object.assign(server, { shelf })
}

const withTag = (name: string): string => (name.includes(':') ? name : `${name}:latest`)
const sameName = (a: string, b: string): boolean => withTag(a).toLowerCase() === withTag(b).toLowerCase()

function route(shelf: FakeShelf, options: FakeEngineOptions, replying: Replying): unknown {
  const { asked, response } = replying
  if (foreign(asked)) return response.writeHead(403).end()
  if (asked.path === '/')
    return response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(asked.method === 'HEAD' ? '' : 'Ollama is running')
  const found = routes[asked.path]
  if (!found) return response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found')
  if (found.method !== asked.method) return response.writeHead(405, { 'content-type': 'text/plain' }).end('405 method not allowed')
  if (asked.method === 'POST' && asked.body === undefined) return sendJson(response, { error: 'unexpected EOF' }, 400)
  return found.answer({ shelf, options, ...replying })
}

/** Bound to loopback, it answers 403 without a word to a foreign name or page. */
function foreign({ headers }: Asked): boolean {
  const host = String(headers.host ?? '').replace(/:\d+$/, '')
  const origin = headers.origin
  const ownHost = /^(?:127\.0\.0\.1|localhost|\[::1\])$/.test(host) || /\.(?:localhost|local|internal)$/.test(host)
  return (
    !ownHost ||
    (origin !== undefined &&
      !/^(?:https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::\d+)?|(?:tauri|app|file|vscode-webview):\/\/.*)$/.test(String(origin)))
  )
}

interface Answering extends Replying {
  readonly shelf: FakeShelf
  readonly options: FakeEngineOptions
}

const routes: Readonly<Record<string, { method: string; answer: (answering: Answering) => unknown }>> = {
  '/api/version': { method: 'GET', answer: ({ response }) => sendJson(response, { version: '0.32.15' }) },
  '/api/tags': { method: 'GET', answer: ({ shelf, response }) => sendJson(response, { models: shelf.models.map(tagOf) }) },
  '/api/ps': { method: 'GET', answer: ({ shelf, response }) => sendJson(response, { models: [...shelf.loaded.values()].map(psOf) }) },
  '/api/show': { method: 'POST', answer: show },
  '/api/generate': { method: 'POST', answer: generate },
  '/api/chat': { method: 'POST', answer: chat },
  '/api/delete': { method: 'DELETE', answer: remove },
  '/v1/models': { method: 'GET', answer: v1Models },
  '/v1/chat/completions': { method: 'POST', answer: v1Chat },
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')
const sizeOf = (model: FakeModel): number => model.sizeBytes ?? 502_232
const detailsOf = (model: FakeModel) => ({
  parent_model: '',
  format: 'gguf',
  family: model.kind === 'embedding' ? 'bert' : 'llama',
  families: [model.kind === 'embedding' ? 'bert' : 'llama'],
  parameter_size: '123K',
  quantization_level: 'unknown',
})
const capabilitiesOf = (model: FakeModel): string[] =>
  model.kind === 'embedding' ? ['embedding'] : ['completion', ...(model.reasoning ? ['thinking'] : [])]

const tagOf = (model: FakeModel) => ({
  name: withTag(model.name),
  model: withTag(model.name),
  modified_at: '2026-11-23T00:47:39.099088256Z',
  size: sizeOf(model),
  digest: digestOf(model.name),
  details: { ...detailsOf(model), context_length: model.contextLength ?? 4096, embedding_length: 64 },
  capabilities: capabilitiesOf(model),
})

const psOf = ({ model, contextLength, expiresAt }: InMemory) => ({
  name: withTag(model.name),
  model: withTag(model.name),
  size: model.memoryBytes ?? sizeOf(model) * 2,
  digest: digestOf(model.name),
  details: detailsOf(model),
  expires_at: new Date(expiresAt).toISOString(),
  size_vram: model.gpuBytes ?? 0,
  context_length: contextLength,
})

function show({ shelf, asked, response }: Answering): void {
  const name = asked.body?.model ?? asked.body?.name
  const model = shelf.find(name)
  if (!model) return sendJson(response, { error: `model '${withTag(String(name))}' not found` }, 404)
  const architecture = model.kind === 'embedding' ? 'bert' : 'llama'
  sendJson(response, {
    modelfile: `FROM ${model.blobs ?? '/var/lib/ollama/models/blobs'}/sha256-${digestOf(model.name)}\n`,
    template: '{{ .Prompt }}',
    details: detailsOf(model),
    model_info: {
      'general.architecture': architecture,
      'general.parameter_count': 123_200,
      [`${architecture}.block_count`]: 2,
      [`${architecture}.attention.head_count`]: 4,
      [`${architecture}.attention.head_count_kv`]: 4,
      [`${architecture}.embedding_length`]: 64,
      [`${architecture}.context_length`]: model.contextLength ?? 4096,
      ...(model.kind === 'embedding' && { [`${architecture}.pooling_type`]: 1 }),
    },
    capabilities: capabilitiesOf(model),
    modified_at: '2026-11-23T00:47:39.099088256Z',
  })
}

/** What is in memory stays there, although its name is gone. */
function remove({ shelf, asked, response }: Answering): void {
  const name = asked.body?.model ?? asked.body?.name
  const model = shelf.find(name)
  if (!model) return sendJson(response, { error: `model '${String(name)}' not found` }, 404)
  shelf.models.splice(shelf.models.indexOf(model), 1)
  response.writeHead(200).end()
}

const now = (): string => new Date().toISOString()

/** The model of a request in memory with its options; undefined when the failure has been said. */
async function inMemory({ shelf, asked, response }: Answering): Promise<InMemory | undefined> {
  const { model: name, options, keep_alive: keepAlive, shift } = asked.body ?? {}
  if (name === undefined || name === '') return void sendJson(response, { error: 'model is required' }, 400)
  const model = shelf.find(name)
  if (!model) return void sendJson(response, { error: `model '${String(name)}' not found` }, 404)
  const contextLength = (options as { num_ctx?: number } | undefined)?.num_ctx
  try {
    return await shelf.load(model, { contextLength, keepAliveMs: keepAliveOf(keepAlive), variant: shift === false ? 'no-shift' : '' })
  } catch (error) {
    if (!(error instanceof LoadFailed)) throw error
    const reason = `error loading model: llama_model_loader: failed to load model from /var/lib/ollama/models/blobs/sha256-${digestOf(model.name)}`
    return void sendJson(response, { error: `llama-server process has terminated: exit status 1: ${reason}\n${reason}` }, 500)
  }
}

function keepAliveOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value < 0 ? 292 * 365 * 86_400_000 : value * 1000
  const found = /^(\d+)(ms|s|m|h)$/.exec(String(value ?? ''))
  return found ? Number(found[1]) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[found[2] as 'ms' | 's' | 'm' | 'h'] : undefined
}

async function generate(answering: Answering): Promise<void> {
  const { shelf, asked, response } = answering
  const { model: name, keep_alive: keepAlive, prompt } = asked.body ?? {}
  const model = shelf.find(name)
  if (model && keepAlive === 0 && !prompt) {
    shelf.unload(model.name)
    return sendJson(response, { model: name, created_at: now(), response: '', done: true, done_reason: 'unload' })
  }
  if (!(await inMemory(answering))) return
  sendJson(response, { model: name, created_at: now(), response: '', done: true, done_reason: 'load' })
}

async function chat(answering: Answering): Promise<void> {
  const { shelf, asked, response } = answering
  const { model: name, messages, stream, think } = asked.body ?? {}
  const model = shelf.find(name)
  if (model?.kind === 'embedding') return sendJson(response, { error: `"${String(name)}" does not support chat` }, 400)
  if (think !== undefined && model && !model.reasoning)
    return sendJson(response, { error: `"${String(name)}" does not support thinking` }, 400)
  const instance = await inMemory(answering)
  if (!instance) return
  if (tooLong(messages, instance)) return sendJson(response, { error: overContext(messages, instance) }, 400)
  if (!Array.isArray(messages) || messages.length === 0) {
    return sendJson(response, {
      model: name,
      created_at: now(),
      message: { role: 'assistant', content: '' },
      done: true,
      done_reason: 'load',
    })
  }
  instance.running += 1
  try {
    if (stream === false) await whole(answering, instance)
    else await streamed(answering, instance)
  } finally {
    instance.running -= 1
  }
}

const letters = (messages: unknown): number => JSON.stringify(messages ?? []).length
const tooLong = (messages: unknown, { contextLength }: InMemory): boolean => letters(messages) > contextLength * 4
const overContext = (messages: unknown, { contextLength }: InMemory): string =>
  JSON.stringify({
    error: {
      code: 400,
      message: `request (${letters(messages)} tokens) exceeds the available context size (${contextLength} tokens), try increasing it`,
      type: 'exceed_context_size_error',
      n_prompt_tokens: letters(messages),
      n_ctx: contextLength,
    },
  })

const countOf = ({ asked }: Answering): number =>
  (asked.body?.options as { num_predict?: number } | undefined)?.num_predict ?? defaultTokens
const ending = (name: string, count: number) => ({
  model: name,
  created_at: now(),
  message: { role: 'assistant', content: '' },
  done: true,
  done_reason: 'length',
  total_duration: 1,
  load_duration: 1,
  prompt_eval_count: 3,
  prompt_eval_duration: 1,
  eval_count: count,
  eval_duration: 1,
})

async function streamed(answering: Answering, { model }: InMemory): Promise<void> {
  const { asked, response, fault, signal, options } = answering
  const name = fault?.kind === 'wrong-model' ? fault.model : String(asked.body?.model)
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  const count = fault?.kind === 'nothing' ? 0 : countOf(answering)
  for await (const { index, text, thought } of tokensOf(model, { count, signal, tokensPerSecond: options.tokensPerSecond })) {
    if (breaksOff(fault, index, response)) return
    const message = { role: 'assistant', content: thought ? '' : text, ...(thought && { thinking: text }) }
    await writeSlowly(response, `${JSON.stringify({ model: name, created_at: now(), message, done: false })}\n`)
  }
  response.end(`${JSON.stringify(ending(name, count))}\n`)
}

/** A stream that ends other than it should. True when it has. */
function breaksOff(fault: Fault | undefined, index: number, response: ServerResponse): boolean {
  if (fault?.kind === 'cut' && index >= fault.after) response.end()
  else if (fault?.kind === 'reset-after' && index >= fault.after) response.socket?.resetAndDestroy()
  else if (fault?.kind === 'error-inside' && index >= (fault.after ?? 0)) response.end(`${JSON.stringify({ error: fault.message })}\n`)
  else return false
  return true
}

async function whole(answering: Answering, { model }: InMemory): Promise<void> {
  const { asked, response, signal } = answering
  const count = countOf(answering)
  let content = ''
  for await (const { text } of tokensOf(model, { count, signal })) content += text
  sendJson(response, { ...ending(String(asked.body?.model), count), message: { role: 'assistant', content } })
}

function v1Models({ shelf, response }: Answering): void {
  const data = shelf.models.map((model) => ({ id: withTag(model.name), object: 'model', created: 1_795_394_859, owned_by: 'library' }))
  sendJson(response, { object: 'list', data: data.length === 0 ? null : data }, 200, 'application/json')
}

async function v1Chat(answering: Answering): Promise<void> {
  const { shelf, asked, response } = answering
  const model = shelf.find(asked.body?.model)
  if (!model)
    return sendJson(
      response,
      { error: { message: `model '${String(asked.body?.model)}' not found`, type: 'not_found_error', param: null, code: null } },
      404,
      'application/json',
    )
  const instance = await inMemory(answering)
  if (instance)
    await sendOpenAiAnswer({
      ...answering,
      model,
      name: String(asked.body?.model),
      fingerprint: 'fp_ollama',
      tokensPerSecond: answering.options.tokensPerSecond,
    })
}
