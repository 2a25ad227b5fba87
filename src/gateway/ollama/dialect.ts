import { errorCodes, type ModelyardError } from '../../contract/index.ts'
import type { Dialect, DialectError } from '../dialect.ts'
import { errorWords } from '../error-words.ts'

/** What all of Ollama's routes have in common: a JSON text in each line, and errors in words. Its clients parse every line, so it has no comment. */
export const ollamaDialect: Dialect = {
  name: 'ollama',
  streamType: 'application/x-ndjson',
  error: errorOf,
  streamError: (error) => `${JSON.stringify(errorOf(error).body)}\n`,
}

function errorOf(error: ModelyardError): DialectError {
  return { status: errorCodes[error.code].status, body: { error: errorWords(error) } }
}
