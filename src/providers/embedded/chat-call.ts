/** One answer as it comes from a child: pieces by credit, so that a reader who pauses holds a bounded number of them. */
import { abortReason, ModelyardError } from '../../contract/index.ts'
import { engineWords } from '../engine-words.ts'
import type { ChatPart } from '../provider.ts'
import type { ChatOrder } from './chat-order.ts'
import type { AnswerMessage, ToChild } from './messages.ts'

export interface ChatCallOptions {
  readonly id: number
  readonly model: string
  readonly order: ChatOrder
  readonly send: (message: ToChild) => void
  readonly onEnd: () => void
}

/** One request that a child works on. */
export interface Call {
  /** It was aborted before it began, or has ended. */
  readonly over: boolean
  receive(message: AnswerMessage): void
  fail(error: ModelyardError): void
}

export interface ChatCall extends Call {
  readonly parts: AsyncIterableIterator<ChatPart>
}

/** Pieces that may be on their way or wait to be read. */
export const windowSize = 64

export function createChatCall({ id, model, order, send, onEnd }: ChatCallOptions, signal: AbortSignal): ChatCall {
  const queue: ChatPart[] = [{ type: 'start', model }]
  let failure: ModelyardError | undefined
  let over = false
  let read = 0
  let wake: () => void = () => {}

  const finish = (): void => {
    if (over) return
    over = true
    signal.removeEventListener('abort', onAbort)
    onEnd()
    wake()
  }
  const stop = (): void => {
    if (!over) send({ type: 'abort', id })
    finish()
  }
  const fail = (error: ModelyardError): void => {
    if (over) return
    failure = error
    finish()
  }
  const onAbort = (): void => {
    queue.length = 0
    failure = abortReason(signal)
    stop()
  }

  const grant = (): void => {
    read += 1
    if (read < windowSize / 2) return
    send({ type: 'credits', id, credits: read })
    read = 0
  }

  const next = async (): Promise<IteratorResult<ChatPart>> => {
    for (;;) {
      const part = queue.shift()
      if (part) {
        if (part.type !== 'start' && part.type !== 'end') grant()
        return { done: false, value: part }
      }
      if (failure) throw failure
      if (over) return { done: true, value: undefined }
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }

  if (signal.aborted) onAbort()
  else {
    signal.addEventListener('abort', onAbort, { once: true })
    send({ type: 'chat', id, ...order, credits: windowSize })
  }

  return {
    parts: {
      next,
      async return() {
        queue.length = 0
        stop()
        return { done: true, value: undefined }
      },
      [Symbol.asyncIterator]() {
        return this
      },
    },
    receive(message) {
      if (over) return
      if (message.type === 'error') fail(new ModelyardError(message.code, engineWords(message.message), { details: message.details }))
      else if (message.type === 'end') {
        queue.push({ type: 'end', finishReason: message.finishReason, usage: message.usage, model })
        finish()
      } else queue.push(...partOf(message))
      wake()
    },
    fail,
    get over() {
      return over
    },
  }
}

function partOf(message: AnswerMessage): ChatPart[] {
  switch (message.type) {
    case 'piece':
      return [{ type: message.thought ? 'reasoning' : 'delta', text: message.text }]
    case 'call':
      return [{ type: 'tool_call', index: message.index, id: message.callId, name: message.name }]
    case 'arguments':
      return [{ type: 'tool_arguments', index: message.index, text: message.text }]
    default:
      return []
  }
}
