/** One answer from `/api/chat`: a JSON line per piece, the last with `done`. An error may come as a line inside a 200. */
import { type ChatMessage, type FinishReason, ModelyardError } from '../../contract/index.ts'
import { createLineFeed } from '../../platform/lines.ts'
import { connectionEnd, engineError, isFields, leavable, streamError } from '../openai-chat/index.ts'
import { readText } from '../openai-chat/read-text.ts'
import type { ChatContext, ChatPart, ProviderChatRequest } from '../provider.ts'
import { askShow } from './list.ts'
import { label, type Ollama } from './ollama.ts'
import { count, type Fields, fields, loadFields, pieceOf, text, texts } from './wire.ts'

const maxErrorBytes = 256 * 1024

export function streamChat(ollama: Ollama, request: ProviderChatRequest, context: ChatContext): AsyncIterableIterator<ChatPart> {
  return leavable(context.signal, (signal) => answerParts(ollama, request, { ...context, signal }))
}

async function* answerParts(ollama: Ollama, request: ProviderChatRequest, context: ChatContext): AsyncGenerator<ChatPart> {
  const unthinking = request.reasoning === false && (await thinks(ollama, request.model, context.signal))
  const answer = await ollama.engine.http.stream({
    method: 'POST',
    path: '/api/chat',
    body: bodyOf(request, unthinking),
    headers: ollama.engine.auth,
    signal: context.signal,
    retry: true,
    ...(context.onRetry && { onRetry: context.onRetry }),
  })
  if (answer.status !== 200) throw await refusal(ollama, answer, request.model)
  yield* streamedParts(answer.body, request.model)
}

async function* streamedParts(body: AsyncIterable<Uint8Array>, model: string): AsyncGenerator<ChatPart> {
  const feed = createLineFeed()
  const reading = createReading(model)
  const chunks = body[Symbol.asyncIterator]()
  try {
    let ended = false
    while (!ended && !reading.done) {
      const next = await chunks.next()
      ended = next.done === true
      for (const line of next.done === true ? [feed.end() ?? ''] : feed.push(next.value)) {
        if (line !== '' && !reading.done) yield* reading.take(line)
      }
    }
    if (!reading.done) throw new ModelyardError('provider_protocol', `${label} cut its answer off.`, { retryable: true })
    if (!ended) await connectionEnd(chunks)
  } finally {
    chunks.return?.().catch(() => undefined)
  }
}

/** Only a model that can think may be told not to; any other refuses the field. */
async function thinks(ollama: Ollama, model: string, signal: AbortSignal): Promise<boolean> {
  const { capabilities } = await askShow(ollama, model, signal)
  return texts(capabilities)?.includes('thinking') === true
}

async function refusal(
  ollama: Ollama,
  answer: { status: number; body: AsyncIterable<Uint8Array> },
  model: string,
): Promise<ModelyardError> {
  const words = await readText(answer.body, maxErrorBytes)
  const failure = { label, model, notFound: 'model', keyed: 'authorization' in ollama.engine.auth } as const
  const error = engineError({ status: answer.status, body: parsed(words), text: words }, failure)
  // A chat loads the model where it is not in memory.
  const loading = error.code === 'provider_error' && /process has terminated/.test(error.message)
  return loading ? new ModelyardError('load_failed', error.message, { details: error.details }) : error
}

function parsed(words: string): unknown {
  try {
    return JSON.parse(words)
  } catch {
    return undefined
  }
}

interface Reading {
  readonly done: boolean
  /** The parts that a line adds. Throws an error that came as a line. */
  take(line: string): ChatPart[]
}

function createReading(model: string): Reading {
  let started = false
  let done = false
  return {
    get done() {
      return done
    },
    take(line) {
      const piece = pieceIn(line)
      if (piece.error !== undefined && piece.error !== null) throw streamError(piece.error, { label, model })
      done = piece.done === true
      if (!done && !isFields(piece.message)) throw damaged()
      const answered = text(piece.model)
      const message = fields(piece.message)
      const thinking = pieceOf(message.thinking, 'message.thinking')
      const content = pieceOf(message.content, 'message.content')
      const parts: ChatPart[] = []
      if (!started) parts.push({ type: 'start', model: answered })
      started = true
      if (thinking !== undefined) parts.push({ type: 'reasoning', text: thinking })
      if (content !== undefined) parts.push({ type: 'delta', text: content })
      if (done) parts.push(ending(piece, answered))
      return parts
    },
  }
}

function pieceIn(line: string): Fields {
  const value = parsed(line)
  if (!isFields(value)) throw damaged()
  return value
}

const damaged = (): ModelyardError =>
  new ModelyardError('provider_protocol', `${label}: expected a message as JSON in each line of the answer; one is cut or damaged.`)

function ending(piece: Fields, model: string | undefined): ChatPart {
  const [promptTokens, completionTokens] = [count(piece.prompt_eval_count), count(piece.eval_count)]
  const usage = { ...(promptTokens !== undefined && { promptTokens }), ...(completionTokens !== undefined && { completionTokens }) }
  return { type: 'end', finishReason: reasonOf(piece.done_reason), usage, model }
}

const reasonOf = (reason: unknown): FinishReason => (reason === 'length' || reason === 'stop' ? reason : 'other')

function bodyOf(request: ProviderChatRequest, unthinking: boolean): Fields {
  const { maxTokens, temperature, topP, seed, stop } = request
  const loading = loadFields(request.load)
  const options = {
    ...loading.options,
    ...(maxTokens !== undefined && { num_predict: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(seed !== undefined && { seed }),
    ...(stop !== undefined && stop.length > 0 && { stop }),
  }
  return {
    model: request.model,
    messages: request.messages.map(messageOf),
    stream: true,
    ...(Object.keys(options).length > 0 && { options }),
    ...(loading.keep_alive !== undefined && { keep_alive: loading.keep_alive }),
    ...(unthinking && { think: false }),
    // Else Ollama silently forgets the beginning of a conversation that is too long. `shift`, which says the same of one
    // that grows too long, is left alone: another value of it makes Ollama load the model anew (seen with 0.32).
    truncate: false,
  }
}

function messageOf({ role, content }: ChatMessage): Fields {
  if (typeof content === 'string') return { role, content }
  const images = content.flatMap((part) => (part.type === 'image' ? [part.data] : []))
  const words = content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
  return { role, content: words.join('\n'), ...(images.length > 0 && { images }) }
}
