import { createParser } from 'eventsource-parser'

/**
 * The JSON objects of a server-sent event stream. Leaving the loop ends the connection; a reader that is slow holds
 * back the connection, not memory. The signal is heeded here, because Node 20's fetch holds it weakly: after a
 * collection it would not end a body that is being read (github.com/nodejs/undici: `acRef` in lib/web/fetch/request.js).
 */
export async function* readStream(body: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<unknown, void, void> {
  const ready: unknown[] = []
  const parser = createParser({ onEvent: (event) => ready.push(JSON.parse(event.data)) })
  const decoder = new TextDecoder()
  const reader = body.getReader()
  // Not waited for: a source may end only with its next event.
  const leave = (): void => void reader.cancel().catch(() => {})
  signal.addEventListener('abort', leave, { once: true })
  try {
    for (;;) {
      const { done, value } = await reader.read()
      signal.throwIfAborted()
      if (done) return
      parser.feed(decoder.decode(value, { stream: true }))
      while (ready.length > 0) yield ready.shift()
    }
  } finally {
    signal.removeEventListener('abort', leave)
    leave()
  }
}
