/**
 * Errors in Anthropic's words. Shape and types: https://docs.claude.com/en/api/errors and `ErrorType` of its SDK, which
 * also reads `details.error_code`. The status is our own table's, so that 503 keeps its `Retry-After`.
 */
import { type ErrorCode, errorCodes, type ModelyardError } from '../../contract/index.ts'
import type { DialectError } from '../dialect.ts'
import { errorWords } from '../error-words.ts'

const byStatus: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
}

/** Where waiting helps: clients take it for what it says and try again. */
const overloads: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['overloaded', 'provider_busy', 'queue_timeout'])
const conflicts: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['conflict', 'in_use', 'superseded'])

function typeOf(code: ErrorCode): string {
  const { status } = errorCodes[code]
  if (overloads.has(code)) return 'overloaded_error'
  if (conflicts.has(code)) return 'conflict_error'
  return byStatus[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error')
}

export function errorBody(error: ModelyardError): DialectError {
  const { code } = error
  const message = code === 'context_length_exceeded' ? promptTooLong(error) : errorWords(error)
  const { status } = errorCodes[code]
  return { status, body: { type: 'error', error: { type: typeOf(code), message, details: { error_code: code } } } }
}

/** Clients that shorten a conversation by themselves look for these words. */
function promptTooLong(error: ModelyardError): string {
  const { promptTokens, contextLength } = error.details ?? {}
  const known = typeof promptTokens === 'number' && typeof contextLength === 'number'
  return known
    ? `prompt is too long: ${promptTokens} tokens > ${contextLength} maximum. ${error.hint}`
    : `prompt is too long: ${errorWords(error)}`
}
