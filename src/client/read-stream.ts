import { createParser } from 'eventsource-parser'

/**
 * The JSON objects of a server-sent event stream. Leaving the loop ends the connection; a reader that is slow holds
 * back the connection, not memory.
 */
export async function* readStream(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown, void, void> {
  const ready: unknown[] = []
  const parser = createParser({ onEvent: (event) => ready.push(JSON.parse(event.data)) })
  const decoder = new TextDecoder()
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      parser.feed(decoder.decode(value, { stream: true }))
      while (ready.length > 0) yield ready.shift()
    }
  } finally {
    // Not waited for: a source may end only with its next event.
    void reader.cancel().catch(() => {})
  }
}
