/** One answer as it comes from a child: pieces by credit, so that a reader who pauses holds a bounded number of them. */
import { abortReason, type ChatMessage, ModelyardError } from '../../contract/index.ts'
import { engineWords } from '../engine-words.ts'
import type { ChatPart } from '../provider.ts'
import type { AnswerMessage, ChatOptions, ToChild } from './messages.ts'

export interface ChatCallOptions {
  readonly id: number
  readonly model: string
  readonly messages: readonly ChatMessage[]
  readonly options: ChatOptions
  readonly send: (message: ToChild) => void
  readonly onEnd: () => void
}

export interface ChatCall {
  readonly parts: AsyncIterableIterator<ChatPart>
  receive(message: AnswerMessage): void
  fail(error: ModelyardError): void
}

/** Pieces that may be on their way or wait to be read. */
export const windowSize = 64

export function createChatCall({ id, model, messages, options, send, onEnd }: ChatCallOptions, signal: AbortSignal): ChatCall {
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
        if (part.type === 'delta' || part.type === 'reasoning') grant()
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
    send({ type: 'chat', id, messages, options, credits: windowSize })
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
      if (message.type === 'piece') queue.push({ type: message.thought ? 'reasoning' : 'delta', text: message.text })
      else if (message.type === 'end') {
        queue.push({ type: 'end', finishReason: message.finishReason, usage: message.usage, model })
        finish()
      } else fail(new ModelyardError(message.code, engineWords(message.message), { details: message.details }))
      wake()
    },
    fail,
  }
}
