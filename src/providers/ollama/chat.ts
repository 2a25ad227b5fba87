/** One answer from `/api/chat`: a JSON line per piece, the last with `done`. An error may come as a line inside a 200. */
import { type ChatMessage, type FinishReason, ModelyardError } from '../../contract/index.ts'
import { createLineFeed } from '../../platform/lines.ts'
import { engineError, isFields, streamError } from '../openai-chat/index.ts'
import { readText } from '../openai-chat/read-text.ts'
import type { ChatContext, ChatPart, ProviderChatRequest } from '../provider.ts'
import { label, type Ollama } from './ollama.ts'
import { type Fields, fields, loadFields, number, text } from './wire.ts'

const maxErrorBytes = 256 * 1024

export interface OllamaChat {
  readonly request: ProviderChatRequest
  /** The model can think, so it may be told not to; any other model refuses the field. */
  readonly thinks: boolean
}

export function streamChat(ollama: Ollama, chat: OllamaChat, context: ChatContext): AsyncIterableIterator<ChatPart> {
  const leaving = new AbortController()
  const parts = answerParts(ollama, chat, { ...context, signal: AbortSignal.any([context.signal, leaving.signal]) })
  return {
    next: () => parts.next(),
    return: () => {
      leaving.abort()
      return parts.return(undefined)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function* answerParts(ollama: Ollama, { request, thinks }: OllamaChat, context: ChatContext): AsyncGenerator<ChatPart, undefined> {
  const answer = await ollama.engine.http.stream({
    method: 'POST',
    path: '/api/chat',
    body: bodyOf(request, thinks),
    headers: ollama.engine.auth,
    signal: context.signal,
    retry: true,
    ...(context.onRetry && { onRetry: context.onRetry }),
  })
  if (answer.status !== 200) throw await refusal(answer, request.model)
  const feed = createLineFeed()
  const reading = createReading(request.model)
  const chunks = answer.body[Symbol.asyncIterator]()
  try {
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      for (const line of feed.push(next.value)) if (line !== '') yield* reading.take(line)
      if (reading.done) return undefined
    }
    const rest = feed.end()
    if (rest) yield* reading.take(rest)
    if (!reading.done) throw new ModelyardError('provider_protocol', `${label} cut its answer off.`, { retryable: true })
    return undefined
  } finally {
    void chunks.return?.()
  }
}

async function refusal(answer: { status: number; body: AsyncIterable<Uint8Array> }, model: string): Promise<ModelyardError> {
  const words = await readText(answer.body, maxErrorBytes)
  let body: unknown
  try {
    body = JSON.parse(words)
  } catch {
    body = undefined
  }
  const error = engineError({ status: answer.status, body, text: words }, { label, model, notFound: 'model' })
  const loading = error.code === 'provider_error' && /terminated|load|llama-server|runner/i.test(error.message)
  return loading ? new ModelyardError('load_failed', error.message, { details: error.details }) : error
}

interface Reading {
  readonly done: boolean
  take(line: string): Iterable<ChatPart>
}

function createReading(model: string): Reading {
  let started = false
  let done = false
  return {
    get done() {
      return done
    },
    *take(line) {
      const piece = parse(line)
      if (piece.error !== undefined && piece.error !== null) throw streamError(piece.error, { label, model })
      const answered = text(piece.model)
      if (!started) {
        started = true
        yield { type: 'start', ...(answered !== undefined && { model: answered }) }
      }
      const message = fields(piece.message)
      const thinking = text(message.thinking)
      const content = text(message.content)
      if (thinking !== undefined) yield { type: 'reasoning', text: thinking }
      if (content !== undefined) yield { type: 'delta', text: content }
      if (piece.done === true) {
        done = true
        yield ending(piece, answered)
      }
    },
  }
}

function parse(line: string): Fields {
  try {
    const value: unknown = JSON.parse(line)
    if (isFields(value)) return value
  } catch {
    // Told below: neither JSON nor an object.
  }
  throw new ModelyardError('provider_protocol', `${label}: expected a JSON object in each line of the answer; one is cut or damaged.`)
}

function ending(piece: Fields, model: string | undefined): ChatPart {
  const [promptTokens, completionTokens] = [number(piece.prompt_eval_count), number(piece.eval_count)]
  const usage = { ...(promptTokens !== undefined && { promptTokens }), ...(completionTokens !== undefined && { completionTokens }) }
  return { type: 'end', finishReason: reasonOf(piece.done_reason), usage, ...(model !== undefined && { model }) }
}

const reasonOf = (reason: unknown): FinishReason => (reason === 'length' || reason === 'stop' ? reason : 'other')

function bodyOf(request: ProviderChatRequest, thinks: boolean): Fields {
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
    ...(request.reasoning === false && thinks && { think: false }),
    // Ollama cuts a prompt that is too long without a word; it is asked to say so instead.
    truncate: false,
    shift: false,
  }
}

function messageOf({ role, content }: ChatMessage): Fields {
  if (typeof content === 'string') return { role, content }
  const images = content.flatMap((part) => (part.type === 'image' ? [part.data] : []))
  const words = content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
  return { role, content: words.join('\n'), ...(images.length > 0 && { images }) }
}
