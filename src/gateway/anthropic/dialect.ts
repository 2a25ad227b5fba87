import type { Dialect } from '../dialect.ts'
import { errorBody } from './errors.ts'

/** What `/v1/messages`, its `count_tokens` and `/v1/models` with `anthropic-version` have in common. */
export const anthropicDialect: Dialect = {
  name: 'anthropic',
  streamType: 'text/event-stream',
  keepAlive: 'event: ping\ndata: {"type":"ping"}\n\n',
  comment: (text) => `: ${text.replace(/[\r\n]+/g, ' ')}\n\n`,
  // `shouldRetry` of its client (anthropic-sdk-typescript, src/client.ts) obeys it before it looks at the status.
  retryHeader: 'x-should-retry',
  error: errorBody,
  streamError: (error) => `event: error\ndata: ${JSON.stringify(errorBody(error).body)}\n\n`,
}
