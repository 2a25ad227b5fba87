import { type ErrorCode, errorCodes, type ModelyardError } from '../../contract/index.ts'
import type { Dialect, DialectError } from '../dialect.ts'
import { errorWords } from '../error-words.ts'

/** What all of OpenAI's routes have in common: server-sent events, and one object for every error. */
export const openaiDialect: Dialect = {
  name: 'openai',
  streamType: 'text/event-stream',
  keepAlive: ': waiting\n\n',
  comment: (text) => `: ${text.replace(/[\r\n]+/g, ' ')}\n\n`,
  // `shouldRetry` of its client (openai-node, src/client.ts) obeys it before it looks at the status.
  retryHeader: 'x-should-retry',
  error: errorOf,
  streamError: (error) => `data: ${JSON.stringify(errorOf(error).body)}\n\n`,
}

function errorOf(error: ModelyardError): DialectError {
  const { status } = errorCodes[error.code]
  const body = { error: { message: errorWords(error), type: typeOf(status), param: paramOf(error), code: codeOf(error.code) } }
  return { status, body }
}

/** OpenAI's own words (platform.openai.com/docs/guides/error-codes), where it has one. */
function typeOf(status: number): string {
  if (status >= 500) return 'server_error'
  if (status === 429) return 'rate_limit_error'
  return status === 403 ? 'permission_error' : 'invalid_request_error'
}

const codes: Partial<Record<ErrorCode, string>> = {
  unauthorized: 'invalid_api_key',
  rate_limited: 'rate_limit_exceeded',
}

/** Their code where clients look for it, else ours. */
const codeOf = (code: ErrorCode): string => codes[code] ?? code

function paramOf({ code, details }: ModelyardError): string | null {
  if (typeof details?.field === 'string') return details.field
  return code === 'model_not_found' || code === 'model_ambiguous' ? 'model' : code === 'context_length_exceeded' ? 'messages' : null
}
