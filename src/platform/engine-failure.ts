/** From what undici and the kernel say to one of our codes. */
import { errors } from 'undici'
import { abortReason, ModelyardError } from '../contract/index.ts'

/** The connection died, by whatever name. */
function isDeadConnection(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'ECONNABORTED'].includes(codeOf(error) ?? '')
}

export function engineFailure(error: unknown, label: string, signal: AbortSignal, state: { begun?: boolean } = {}): ModelyardError {
  if (ModelyardError.is(error)) return error
  if (signal.aborted) return abortReason(signal)
  const code = codeOf(error)
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED')
    return new ModelyardError('cancelled', `The connection to ${label} was closed on our side.`, { cause: error })
  if (code === 'UND_ERR_HEADERS_TIMEOUT')
    return new ModelyardError('timeout', `${label} did not begin to answer in time.`, { cause: error })
  if (code === 'UND_ERR_BODY_TIMEOUT')
    return new ModelyardError('timeout', `${label} fell silent in the middle of its answer.`, { cause: error })
  if (isNoHttp(error, code)) {
    return new ModelyardError('provider_protocol', `${label} does not answer in HTTP as expected.`, { cause: error })
  }
  if (state.begun) return new ModelyardError('provider_protocol', `${label} cut its answer off.`, { cause: error, retryable: true })
  return new ModelyardError('provider_unreachable', `${label} does not answer: ${why(code)}.`, {
    cause: error,
    details: code ? { reason: code } : undefined,
  })
}

const isNoHttp = (error: unknown, code: string | undefined): boolean =>
  error instanceof errors.HTTPParserError || code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'

function why(code: string | undefined): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens at its address'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name of its host is not known'
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return 'no connection came about in time'
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no way to its host'
    default:
      return isDeadConnection({ code }) ? 'it closed the connection without an answer' : `the connection failed${code ? ` (${code})` : ''}`
  }
}

/** The code of the error, of its cause, or of the first of several attempts (`localhost` is tried over both families). */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown }
  if (typeof code === 'string') return code
  if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0])
  return cause === undefined ? undefined : codeOf(cause)
}
