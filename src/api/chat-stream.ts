/** Our own neutral chat as server-sent events: one `start`, parts, then exactly one of `end` and `error`. */
import { type ChatRequest, ModelyardError } from '../contract/index.ts'
import type { ChatClient } from '../yard/yard.ts'

export async function* chatStream(client: ChatClient, request: ChatRequest, signal: AbortSignal): AsyncGenerator<string> {
  let begun = false
  try {
    for await (const event of client.stream({ ...request, signal })) {
      yield lineOf(event)
      begun = true
    }
  } catch (error) {
    // Before the first event it is a problem with a status; after it, the stream is all there is to say it with.
    if (!begun) throw error
    const { code, message, hint, retryable } = ModelyardError.from(error)
    yield lineOf({ type: 'error', error: { code, message, hint, retryable } })
  }
}

const lineOf = (event: unknown): string => `data: ${JSON.stringify(event)}\n\n`
