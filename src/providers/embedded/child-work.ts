/** What the child does for one request: it ends by itself or by an abort, and an abort is never an error. */
import type { Failure, FromChild } from './messages.ts'

export interface Working {
  readonly ended: Promise<void>
  abort(): void
  /** So many more pieces may be sent. */
  grant?(credits: number): void
}

/** Does it, and says of a failure why. */
export function working(id: number, send: (message: FromChild) => void, work: (aborted: () => boolean) => Promise<void>): Working {
  let aborted = false
  const ended = Promise.resolve()
    .then(() => work(() => aborted))
    .catch((error: unknown) => {
      if (!aborted) send({ type: 'error', id, ...failureOf(error) })
    })
  return {
    ended,
    abort() {
      aborted = true
    },
  }
}

export class TooLong extends Error {
  readonly details: Readonly<Record<string, number>>
  constructor(what: string, tokens: number, limit: number) {
    super(`${what} has ${tokens} tokens, and the context ${limit}.`)
    this.details = { promptTokens: tokens, contextLength: limit }
  }
}

/** What only the engine can tell: that it cannot do what is asked for. */
export class Refused extends Error {
  readonly field: string
  constructor(field: string, what: string) {
    super(`${field}: ${what}`)
    this.field = field
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof TooLong) return { code: 'context_length_exceeded', message: error.message, details: error.details }
  if (error instanceof Refused) return { code: 'invalid_request', message: error.message, details: { field: error.field } }
  return { code: 'provider_error', message: error instanceof Error ? error.message : String(error) }
}
