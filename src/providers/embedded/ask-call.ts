/** One question to a child that has one answer, whole: a count of tokens, vectors. */
import { abortReason, ModelyardError } from '../../contract/index.ts'
import { deferred } from '../../util/deferred.ts'
import { engineWords } from '../engine-words.ts'
import type { Call } from './chat-call.ts'
import type { AnswerMessage, Request, ToChild } from './messages.ts'

export interface AskCallOptions<T> {
  readonly request: Request
  readonly send: (message: ToChild) => void
  readonly onEnd: () => void
  /** Takes what comes; gives the answer when it is whole; throws when it cannot be one. */
  readonly take: (message: AnswerMessage) => T | undefined
}

export interface AskCall<T> extends Call {
  readonly answer: Promise<T>
}

export function createAskCall<T>({ request, send, onEnd, take }: AskCallOptions<T>, signal: AbortSignal): AskCall<T> {
  const answer = deferred<T>()
  let over = false
  const finish = (): void => {
    over = true
    signal.removeEventListener('abort', onAbort)
    onEnd()
  }
  const fail = (error: ModelyardError): void => {
    if (over) return
    finish()
    answer.reject(error)
  }
  const onAbort = (): void => {
    send({ type: 'abort', id: request.id })
    fail(abortReason(signal))
  }
  if (signal.aborted) fail(abortReason(signal))
  else {
    signal.addEventListener('abort', onAbort, { once: true })
    send(request)
  }
  return {
    answer: answer.promise,
    fail,
    get over() {
      return over
    },
    receive(message) {
      if (over) return
      if (message.type === 'error')
        return fail(new ModelyardError(message.code, engineWords(message.message), { details: message.details }))
      try {
        const whole = take(message)
        if (whole === undefined) return
        finish()
        answer.resolve(whole)
      } catch (error) {
        fail(ModelyardError.from(error))
      }
    },
  }
}
