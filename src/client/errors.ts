import { abortReason, ModelyardError } from '../contract/index.ts'
import type { Reply } from './transport.ts'

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The body of a good reply. Anything else throws what the service said. */
export function expectOk<T>(reply: Reply): T {
  if (reply.status >= 200 && reply.status < 300) return reply.body as T
  throw refusal(reply)
}

/** The error in a problem+json; without one, an error by the status alone. */
export function refusal({ status, body }: Reply): ModelyardError {
  const error = isRecord(body) && isRecord(body.error) ? body.error : undefined
  if (error && typeof error.code === 'string' && typeof error.message === 'string') {
    return ModelyardError.fromBody(error as unknown as Parameters<typeof ModelyardError.fromBody>[0])
  }
  return new ModelyardError('service_unreachable', `What answers at the address is not a Modelyard service: it says ${status}.`, {
    retryable: status >= 500,
  })
}

/** What a failed call throws: the caller's own abort, or a service that cannot be reached. */
export function lost(url: string, cause: unknown, signal?: AbortSignal): ModelyardError {
  if (signal?.aborted) return abortReason(signal)
  if (ModelyardError.is(cause)) return cause
  return new ModelyardError('service_unreachable', `No Modelyard service answers at ${url}: ${why(cause)}.`, { cause })
}

/** `fetch` hides the reason one level down. */
function why(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const inner = cause.cause
  if (!(inner instanceof Error)) return cause.message
  const code = (inner as { code?: unknown }).code
  return inner.message || (typeof code === 'string' ? code : cause.message)
}
