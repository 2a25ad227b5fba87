import { z } from 'zod'
import type { ErrorBody, ModelyardError } from './error.ts'
import { errorCodes } from './error-codes.ts'

export const errorBody = z
  .object({
    code: z.enum(Object.keys(errorCodes) as [keyof typeof errorCodes, ...(keyof typeof errorCodes)[]]),
    message: z.string(),
    hint: z.string(),
    retryable: z.boolean(),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Error' })

/** RFC 9457, `application/problem+json`, with the error of our table in it. */
export const problem = z
  .object({ type: z.string(), title: z.string(), status: z.number().int(), detail: z.string(), error: errorBody })
  .meta({ id: 'Problem' })
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  error: ErrorBody
}

export function toProblem(error: ModelyardError, status: number = errorCodes[error.code].status): Problem {
  return {
    type: `urn:modelyard:error:${error.code}`,
    title: errorCodes[error.code].title,
    status,
    detail: error.message,
    error: error.toBody(),
  }
}
