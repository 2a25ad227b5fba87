/** What the fake Ollama answers with a model: it loads, generates and chats. */
import type { ServerResponse } from 'node:http'
import { type InMemory, LoadFailed, tokensOf } from './fake-models.ts'
import { type Fault, sendJson } from './fake-server.ts'
import type { Answering } from './ollama-answering.ts'
import { digestOf, withTag } from './ollama-listing.ts'
import { sendOpenAiAnswer } from './openai-answer.ts'
import { writeSlowly } from './write-slowly.ts'

const defaultTokens = 8
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

export async function generate(answering: Answering): Promise<void> {
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

export async function chat(answering: Answering): Promise<void> {
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
export function breaksOff(fault: Fault | undefined, index: number, response: ServerResponse): boolean {
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

export function v1Models({ shelf, response }: Answering): void {
  const data = shelf.models.map((model) => ({ id: withTag(model.name), object: 'model', created: 1_795_394_859, owned_by: 'library' }))
  sendJson(response, { object: 'list', data: data.length === 0 ? null : data }, 200, 'application/json')
}

export async function v1Chat(answering: Answering): Promise<void> {
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
