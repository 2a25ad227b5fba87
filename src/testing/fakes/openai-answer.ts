/** An answer in OpenAI's dialect, whole or streamed, as the engines that speak it give it. */
import { logprobOf, topIn } from './fake-logprobs.ts'
import type { FakeModel, FakeShelf } from './fake-models.ts'
import { type Replying, sendJson } from './fake-server.ts'
import { nothingPlanned, type Planned, type PlannedCall, planAnswer, type Wanted, wordsOf } from './planned-answer.ts'
import { writeSlowly } from './write-slowly.ts'

export interface OpenAiAnswer extends Replying {
  readonly shelf: FakeShelf
  readonly model: FakeModel
  /** How the answer calls the model. */
  readonly name: string
  readonly fingerprint?: string
  readonly tokensPerSecond?: number | undefined
  /** llama-server closes the connection after a stream. */
  readonly closes?: boolean
  /** llama-server measures without being asked, and says what of the prompt it need not compute again. */
  readonly timed?: boolean
  /** Ollama sends a call in one piece; the others its name and then its arguments in pieces. */
  readonly wholeCalls?: boolean
  /** llama-server takes a tool that is named for `auto`. */
  readonly namesNoTool?: boolean
  /** Field of thoughts. */
  readonly reasoningField?: 'reasoning' | 'reasoning_content'
  /** LM Studio tells none; llama-server as many as `top_logprobs` counts: twenty where it is absent, and nothing for 0. */
  readonly logprobs?: 'never' | 'counted'
}

type Fields = Readonly<Record<string, unknown>>

const created = 1_795_394_860
const promptTokens = 3
const cachedTokens = 2

export async function sendOpenAiAnswer(answer: OpenAiAnswer): Promise<void> {
  const { asked, fault, reasoningField = 'reasoning_content' } = answer
  const name = fault?.kind === 'wrong-model' ? fault.model : answer.name
  const planned = fault?.kind === 'nothing' ? nothingPlanned : planAnswer(answer.shelf, answer.model, wantedIn(answer))
  if (asked.body?.stream === true) return streamed(answer, name, planned)
  const { content, thoughts, tokens } = await wordsOf(planned, answer.signal)
  const message = {
    role: 'assistant',
    content: planned.calls.length > 0 && content === '' ? null : content,
    ...(thoughts !== '' && { [reasoningField]: thoughts }),
    ...(planned.calls.length > 0 && { tool_calls: planned.calls.map((call) => wireCall(call)) }),
  }
  sendJson(answer.response, {
    ...head(answer, name, 'chat.completion'),
    choices: [{ index: 0, message, ...probabilities(answer, tokens), finish_reason: planned.finish }],
    usage: usageOf(answer, planned),
    ...(answer.timed && { timings: timingsOf(planned) }),
  })
}

/** Beside the message or the piece of it that has these tokens. */
function probabilities({ asked, logprobs }: OpenAiAnswer, tokens: readonly string[]): Fields {
  const body = asked.body ?? {}
  const top = logprobs === 'counted' && body.logprobs === true ? Number(body.top_logprobs ?? 20) : topIn(body)
  const told = logprobs !== 'never' && tokens.length > 0 && !(logprobs === 'counted' && top === 0)
  return told && top !== undefined ? { logprobs: { content: tokens.map((token) => logprobOf(token, top)) } } : {}
}

function wantedIn({ asked, namesNoTool }: OpenAiAnswer): Wanted {
  const body: Fields = asked.body ?? {}
  const limit = body.max_tokens ?? body.max_completion_tokens
  const choice = body.tool_choice as string | { function?: { name?: string } } | undefined
  const tools = (choice === 'none' ? [] : (body.tools ?? [])) as { function: { name: string; parameters?: unknown } }[]
  const format = body.response_format as { type?: string; json_schema?: { schema?: unknown } } | undefined
  const template = body.chat_template_kwargs as { enable_thinking?: boolean } | undefined
  return {
    limit: typeof limit === 'number' ? limit : undefined,
    tools: tools.map((tool) => tool.function),
    named: typeof choice === 'object' && !namesNoTool ? choice.function?.name : undefined,
    answered: (body.messages as { role?: string }[] | undefined)?.at(-1)?.role === 'tool',
    ...(format?.type === 'json_object' && { schema: {} }),
    ...(format?.type === 'json_schema' && { schema: format.json_schema?.schema }),
    thinks: template?.enable_thinking !== false && body.reasoning_effort !== 'none',
  }
}

const wireCall = ({ id, name, arguments: written }: PlannedCall) => ({
  id,
  type: 'function',
  function: { name, arguments: JSON.stringify(written) },
})

const head = (answer: OpenAiAnswer, model: string, object: string) => ({
  id: 'chatcmpl-987',
  object,
  created,
  model,
  ...(answer.fingerprint !== undefined && { system_fingerprint: answer.fingerprint }),
})

const usageOf = ({ timed }: OpenAiAnswer, { count }: Planned) => ({
  prompt_tokens: promptTokens,
  completion_tokens: count,
  total_tokens: count + promptTokens,
  ...(timed && { prompt_tokens_details: { cached_tokens: cachedTokens } }),
})

const timingsOf = ({ count }: Planned) => ({
  cache_n: cachedTokens,
  prompt_n: promptTokens - cachedTokens,
  prompt_ms: 1,
  predicted_n: count,
  predicted_ms: 1,
})

async function streamed(answer: OpenAiAnswer, name: string, planned: Planned): Promise<void> {
  const { response, fault, signal, asked, reasoningField = 'reasoning_content' } = answer
  const send = (body: unknown): Promise<void> => writeSlowly(response, `data: ${JSON.stringify(body)}\n\n`)
  const chunk = (delta: unknown, finish: string | null = null, tokens: readonly string[] = []) => ({
    ...head(answer, name, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, ...probabilities(answer, tokens), finish_reason: finish }],
  })
  response.writeHead(200, { 'content-type': 'text/event-stream', ...(answer.closes && { connection: 'close' }) })
  await send(chunk({ role: 'assistant', content: null }))
  for await (const { index, text, thought } of planned.pieces({ signal, tokensPerSecond: answer.tokensPerSecond })) {
    if (fault?.kind === 'cut' && index >= fault.after) return void response.end()
    if (fault?.kind === 'reset-after' && index >= fault.after) return void response.socket?.resetAndDestroy()
    if (fault?.kind === 'error-inside' && index >= (fault.after ?? 0)) {
      await send({ error: { code: 500, message: fault.message, type: 'server_error' } })
      return void response.end()
    }
    await send(chunk(thought ? { [reasoningField]: text } : { content: text }, null, [text]))
  }
  for (const piece of callPieces(planned.calls, answer.wholeCalls === true)) await send(chunk({ tool_calls: [piece] }))
  await send({ ...chunk({}, planned.finish), ...(answer.timed && { timings: timingsOf(planned) }) })
  const options = asked.body?.stream_options as { include_usage?: boolean } | undefined
  if (options?.include_usage) await send({ ...head(answer, name, 'chat.completion.chunk'), choices: [], usage: usageOf(answer, planned) })
  response.end('data: [DONE]\n\n')
}

const pieceChars = 6

function* callPieces(calls: readonly PlannedCall[], whole: boolean): Generator<Fields> {
  for (const [index, call] of calls.entries()) {
    const { id, type, function: told } = wireCall(call)
    if (whole) yield { id, index, type, function: told }
    else {
      yield { index, id, type, function: { name: told.name, arguments: '' } }
      for (let at = 0; at < told.arguments.length; at += pieceChars) {
        yield { index, function: { arguments: told.arguments.slice(at, at + pieceChars) } }
      }
    }
  }
}
