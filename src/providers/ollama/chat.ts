/** One answer from `/api/chat`: a JSON line per piece, the last with `done`. An error may come as a line inside a 200. */
import { ModelyardError } from '../../contract/index.ts'
import { createLineFeed } from '../../platform/lines.ts'
import { parsedJson } from '../../util/json/parsed-json.ts'
import { connectionEnd, engineError, leavable } from '../openai-chat/index.ts'
import { readText } from '../openai-chat/read-text.ts'
import type { ChatContext, ChatPart, ProviderChatRequest } from '../provider.ts'
import { createReading } from './answer-reading.ts'
import { chatBody } from './chat-body.ts'
import { askShow } from './list.ts'
import { label, type Ollama } from './ollama.ts'
import { texts } from './wire.ts'

const maxErrorBytes = 256 * 1024

export function streamChat(ollama: Ollama, request: ProviderChatRequest, context: ChatContext): AsyncIterableIterator<ChatPart> {
  return leavable(context.signal, (signal) => answerParts(ollama, request, { ...context, signal }))
}

async function* answerParts(ollama: Ollama, request: ProviderChatRequest, context: ChatContext): AsyncGenerator<ChatPart> {
  const untold = chatBody(request)
  const think = await thinkingOf(ollama, request, context.signal)
  const body = think === undefined ? untold : { ...untold, think }
  const answer = await ollama.engine.http.stream({
    method: 'POST',
    path: '/api/chat',
    body,
    headers: ollama.engine.auth,
    signal: context.signal,
    retry: context.retry ?? true,
    ...context.silence,
    ...(context.onRetry && { onRetry: context.onRetry }),
  })
  if (answer.status !== 200) throw await refusal(ollama, answer, request.model)
  yield* streamedParts(answer.body, request)
}

async function* streamedParts(body: AsyncIterable<Uint8Array>, request: ProviderChatRequest): AsyncGenerator<ChatPart> {
  const feed = createLineFeed()
  const reading = createReading(request)
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

/**
 * Only a model that can think may be told how: any other refuses the field. One that can does so untold, so `true` needs
 * no word.
 */
async function thinkingOf(ollama: Ollama, request: ProviderChatRequest, signal: AbortSignal): Promise<boolean | string | undefined> {
  const { reasoning, model } = request
  if (reasoning === undefined || reasoning === true) return undefined
  const { capabilities } = await askShow(ollama, model, signal)
  return texts(capabilities)?.includes('thinking') === true ? reasoning : undefined
}

async function refusal(
  ollama: Ollama,
  answer: { status: number; body: AsyncIterable<Uint8Array> },
  model: string,
): Promise<ModelyardError> {
  const words = await readText(answer.body, maxErrorBytes)
  const failure = { label, model, notFound: 'model', keyed: 'authorization' in ollama.engine.auth } as const
  const error = engineError({ status: answer.status, body: parsedJson(words), text: words }, failure)
  // A chat loads the model where it is not in memory.
  const loading = error.code === 'provider_error' && /process has terminated/.test(error.message)
  return loading ? new ModelyardError('load_failed', error.message, { details: error.details }) : error
}
