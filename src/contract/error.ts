import { type ErrorCode, errorCodes, isErrorCode } from './error-codes.ts'
import { redact } from './redact.ts'

const marker = Symbol.for('modelyard.error')

export interface ErrorParticulars {
  /** What to do; the table's hint when absent. */
  readonly hint?: string | undefined
  readonly retryable?: boolean | undefined
  /** Data a program can use, such as `candidates` of an ambiguous name. Never a secret, never a path of ours. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
  readonly cause?: unknown
}

/** The error as it crosses a wire. */
export interface ErrorBody {
  code: ErrorCode
  message: string
  hint: string
  retryable: boolean
  details?: Record<string, unknown>
}

/**
 * The one error of the project. Its message says what was expected, what came and, with `hint`, what to do. Secrets
 * are removed here, so no door has to remember it. Recognised by a global symbol: two copies of the package know
 * each other's errors.
 */
export class ModelyardError extends Error {
  readonly code: ErrorCode
  readonly hint: string
  readonly retryable: boolean
  readonly details: Readonly<Record<string, unknown>> | undefined
  readonly [marker] = true

  constructor(code: ErrorCode, message?: string, particulars: ErrorParticulars = {}) {
    const entry = errorCodes[code]
    super(redact(message ?? entry.title), particulars.cause === undefined ? undefined : { cause: particulars.cause })
    this.name = 'ModelyardError'
    this.code = code
    this.hint = redact(particulars.hint ?? entry.hint)
    this.retryable = particulars.retryable ?? entry.retryable
    this.details = particulars.details
  }

  static is(value: unknown): value is ModelyardError {
    return typeof value === 'object' && value !== null && marker in value
  }

  /** Anything thrown, as the one error: aborts become `cancelled`, the unknown becomes `internal`. */
  static from(value: unknown): ModelyardError {
    if (ModelyardError.is(value)) return value
    if (value instanceof Error && value.name === 'TimeoutError') return new ModelyardError('timeout', undefined, { cause: value })
    if (value instanceof Error && value.name === 'AbortError') return new ModelyardError('cancelled', undefined, { cause: value })
    const message = value instanceof Error ? value.message : String(value)
    return new ModelyardError('internal', `Unexpected: ${message}`, { cause: value })
  }

  /** The error again from what came over a wire; unknown codes become `internal`. */
  static fromBody(body: {
    code: string
    message: string
    hint?: string | undefined
    retryable?: boolean | undefined
    details?: Record<string, unknown> | undefined
  }): ModelyardError {
    const { code, message, ...particulars } = body
    return new ModelyardError(isErrorCode(code) ? code : 'internal', message, particulars)
  }

  toBody(): ErrorBody {
    const { code, message, hint, retryable, details } = this
    return { code, message, hint, retryable, ...(details && { details: { ...details } }) }
  }
}

/** The signal's own reason when it was aborted with one of ours, else `cancelled`. */
export function abortReason(signal: AbortSignal): ModelyardError {
  return ModelyardError.from(signal.reason ?? new ModelyardError('cancelled'))
}
