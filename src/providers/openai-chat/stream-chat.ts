import { createLineFeed } from '../../platform/lines.ts'
import { parsedJson } from '../../util/json/parsed-json.ts'
import type { ChatContext, ChatPart } from '../provider.ts'
import { type AnswerReading, createAnswerReading, type Expected } from './answer-reading.ts'
import { connectionEnd } from './connection-end.ts'
import type { Engine } from './engine.ts'
import { engineError, type FailureContext } from './engine-error.ts'
import { createEventReader, maxEventChars } from './event-reader.ts'
import { leavable } from './leavable.ts'
import { readText } from './read-text.ts'

export interface ChatCall extends Expected {
  readonly engine: Engine
  /** Below the base URL, such as `/v1/chat/completions`. */
  readonly path: string
  /** Made when the answer is asked for: what cannot be asked throws where every other failure does. */
  readonly body: () => Record<string, unknown>
  /** How the model is called in errors. */
  readonly model: string
}

const maxErrorBytes = 256 * 1024
const maxWholeAnswerBytes = 32 * 1024 * 1024

/**
 * One streamed answer, by the contract of `Provider.chat`: `start`, parts, `end`; anything else throws. Leaving the
 * iterator ends the engine's work at once, also while a part is awaited, and so does the signal.
 */
export function streamChat(call: ChatCall, context: ChatContext): AsyncIterableIterator<ChatPart> {
  return leavable(context.signal, (signal) => answer(call, { ...context, signal }))
}

async function* answer(call: ChatCall, context: ChatContext): AsyncGenerator<ChatPart> {
  const { engine, path, model } = call
  const body = call.body()
  const failure: FailureContext = { label: engine.label, model, keyed: 'authorization' in engine.auth }
  const headers = { ...engine.auth, accept: 'text/event-stream' }
  const retrying = { ...context.silence, retry: context.retry ?? true, ...(context.onRetry && { onRetry: context.onRetry }) }
  const response = await engine.http.stream({ method: 'POST', path, body, headers, signal: context.signal, ...retrying })
  const type = response.headers['content-type'] ?? ''
  const reading = createAnswerReading(failure, call)
  if (response.status !== 200 || /\bhtml\b/i.test(type)) throw await refusal(response, failure)
  if (/\bjson\b/i.test(type)) {
    yield* reading.take({ data: await readText(response.body, maxWholeAnswerBytes), error: false })
    yield* reading.end()
  } else {
    yield* streamedParts(response.body, reading)
  }
}

/** The engine's reason not to answer. */
async function refusal(answer: { status: number; body: AsyncIterable<Uint8Array> }, failure: FailureContext): Promise<Error> {
  const text = await readText(answer.body, maxErrorBytes)
  return engineError({ status: answer.status, body: parsedJson(text), text }, failure)
}

async function* streamedParts(body: AsyncIterable<Uint8Array>, reading: AnswerReading): AsyncGenerator<ChatPart> {
  const lines = createLineFeed(maxEventChars)
  const events = createEventReader()
  const chunks = body[Symbol.asyncIterator]()
  try {
    let ended = false
    while (!ended && !reading.done) {
      const next = await chunks.next()
      ended = next.done === true
      // The last event may lack the empty line that completes it.
      for (const line of next.done === true ? [lines.end() ?? '', ''] : lines.push(next.value)) {
        const event = reading.done ? undefined : events.line(line)
        if (event) yield* reading.take(event)
      }
    }
    yield* reading.end()
    if (!ended) await connectionEnd(chunks)
  } finally {
    chunks.return?.().catch(() => undefined)
  }
}
