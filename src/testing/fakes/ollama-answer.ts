/** What the fake Ollama answers with a model: it loads, generates and chats. */
import type { ServerResponse } from 'node:http'
import { logprobOf, topIn } from './fake-logprobs.ts'
import type { FakeModel, InMemory } from './fake-models.ts'
import { type Fault, sendJson } from './fake-server.ts'
import type { Answering } from './ollama-answering.ts'
import { inMemory } from './ollama-in-memory.ts'
import { withTag } from './ollama-listing.ts'
import { nothingPlanned, type Planned, planAnswer, type Wanted, wordsOf } from './planned-answer.ts'
import { writeSlowly } from './write-slowly.ts'

const now = (): string => new Date().toISOString()

/** Where an answer says what it says: `/api/chat` in a message, `/api/generate` beside everything else. */
interface Shape {
  said(content: string, thinking: string, calls: readonly object[]): object
  /** What only its end has. */
  readonly atEnd: (count: number) => object
}

const chatShape: Shape = {
  said: (content, thinking, calls) => ({
    message: { role: 'assistant', content, ...(thinking !== '' && { thinking }), ...(calls.length > 0 && { tool_calls: calls }) },
  }),
  atEnd: () => ({}),
}

const generateShape: Shape = {
  said: (response, thinking) => ({ response, ...(thinking !== '' && { thinking }) }),
  // The numbers of all tokens, of the prompt too.
  atEnd: (count) => ({ context: Array.from({ length: promptTokens + count }, (_, index) => index) }),
}

export async function generate(answering: Answering): Promise<void> {
  const { shelf, asked, response } = answering
  const { model: name, keep_alive: keepAlive, prompt } = asked.body ?? {}
  const model = shelf.find(name)
  if (model && keepAlive === 0 && !prompt) {
    shelf.unload(model.name)
    return sendJson(response, { model: name, created_at: now(), response: '', done: true, done_reason: 'unload' })
  }
  const instance = await inMemory(answering)
  if (!instance) return
  if (prompt) return answer(answering, instance, generateShape)
  sendJson(response, { model: name, created_at: now(), response: '', done: true, done_reason: 'load' })
}

export async function chat(answering: Answering): Promise<void> {
  const { shelf, asked, response } = answering
  const { model: name, messages } = asked.body ?? {}
  const model = shelf.find(name)
  const refused = model && refusalOf(model, asked.body ?? {})
  if (refused !== undefined) return sendJson(response, { error: refused }, 400)
  const instance = await inMemory(answering)
  if (!instance) return
  if (!Array.isArray(messages) || messages.length === 0) {
    const message = { role: 'assistant', content: '' }
    return sendJson(response, { model: name, created_at: now(), message, done: true, done_reason: 'load' })
  }
  await answer(answering, instance, chatShape)
}

async function answer(answering: Answering, instance: InMemory, shape: Shape): Promise<void> {
  const { shelf, asked, response } = answering
  const { messages, prompt, stream } = asked.body ?? {}
  const said = messages ?? prompt
  if (tooLong(said, instance)) return sendJson(response, { error: overContext(said, instance) }, 400)
  instance.running += 1
  try {
    const planned = answering.fault?.kind === 'nothing' ? nothingPlanned : planAnswer(shelf, instance.model, wantedIn(asked.body ?? {}))
    if (stream === false) await whole(answering, planned, shape)
    else await streamed(answering, planned, shape)
  } finally {
    instance.running -= 1
  }
}

type Fields = Readonly<Record<string, unknown>>

/** What the model cannot do, in Ollama's words. */
function refusalOf(model: FakeModel, { model: name, think, tools }: Fields): string | undefined {
  if (model.kind === 'embedding') return `"${String(name)}" does not support chat`
  if (think !== undefined && think !== false && !model.reasoning) return `"${String(name)}" does not support thinking`
  const offered = Array.isArray(tools) && tools.length > 0
  return offered && !model.tools ? `registry.ollama.ai/library/${withTag(String(name))} does not support tools` : undefined
}

function wantedIn({ options, tools, messages, format, think }: Fields): Wanted {
  const offered = (tools ?? []) as { function: { name: string; parameters?: unknown } }[]
  return {
    limit: (options as { num_predict?: number } | undefined)?.num_predict,
    tools: offered.map((tool) => tool.function),
    answered: (messages as { role?: string }[] | undefined)?.at(-1)?.role === 'tool',
    ...(format !== undefined && format !== '' && { schema: format === 'json' ? {} : format }),
    thinks: think !== false,
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

const promptTokens = 3

const ending = (name: string, { count, finish }: Planned, shape: Shape) => ({
  model: name,
  created_at: now(),
  ...shape.said('', '', []),
  done: true,
  done_reason: finish === 'length' ? 'length' : 'stop',
  ...shape.atEnd(count),
  total_duration: 1,
  load_duration: 1,
  prompt_eval_count: promptTokens,
  prompt_eval_duration: 1,
  eval_count: count,
  eval_duration: 1,
})

const callsOf = ({ calls }: Planned) =>
  calls.map(({ id, name, arguments: written }, index) => ({ id, function: { index, name, arguments: written } }))

async function streamed(answering: Answering, planned: Planned, shape: Shape): Promise<void> {
  const { asked, response, fault, signal, options } = answering
  const name = fault?.kind === 'wrong-model' ? fault.model : String(asked.body?.model)
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  const send = (said: object): Promise<void> => writeSlowly(response, `${JSON.stringify({ model: name, created_at: now(), ...said })}\n`)
  for await (const { index, text, thought } of planned.pieces({ signal, tokensPerSecond: options.tokensPerSecond })) {
    if (breaksOff(fault, index, response)) return
    await send({ ...shape.said(thought ? '' : text, thought ? text : '', []), done: false, ...probabilities(asked.body, [text]) })
  }
  if (planned.calls.length > 0) await send({ ...shape.said('', '', callsOf(planned)), done: false })
  response.end(`${JSON.stringify(ending(name, planned, shape))}\n`)
}

/** A stream that ends other than it should. True when it has. */
export function breaksOff(fault: Fault | undefined, index: number, response: ServerResponse): boolean {
  if (fault?.kind === 'cut' && index >= fault.after) response.end()
  else if (fault?.kind === 'reset-after' && index >= fault.after) response.socket?.resetAndDestroy()
  else if (fault?.kind === 'error-inside' && index >= (fault.after ?? 0)) response.end(`${JSON.stringify({ error: fault.message })}\n`)
  else return false
  return true
}

function probabilities(body: Fields | undefined, tokens: readonly string[]): { logprobs?: object[] } {
  const top = topIn(body ?? {})
  return top === undefined || tokens.length === 0 ? {} : { logprobs: tokens.map((token) => logprobOf(token, top)) }
}

async function whole({ asked, response, signal }: Answering, planned: Planned, shape: Shape): Promise<void> {
  const { content, thoughts, tokens } = await wordsOf(planned, signal)
  const said = { ...shape.said(content, thoughts, callsOf(planned)), ...probabilities(asked.body, tokens) }
  sendJson(response, { ...ending(String(asked.body?.model), planned, shape), ...said })
}
