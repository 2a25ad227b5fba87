import { ModelyardError } from '../contract/error.ts'
import { errorCodes, isErrorCode } from '../contract/error-codes.ts'
import type { Job } from '../contract/job.ts'
import type { SwitchResult } from '../contract/switch.ts'

export const exitOfError = (error: unknown): number => errorCodes[ModelyardError.from(error).code].exit

/** A rejected switch ends like its cause would. */
export function exitOfSwitch({ outcome, error }: Pick<SwitchResult, 'outcome' | 'error'>): number {
  switch (outcome) {
    case 'switched':
    case 'already_active':
      return 0
    case 'rolled_back':
      return 5
    case 'degraded':
      return 6
    case 'cancelled':
      return 130
    case 'superseded':
      return errorCodes.superseded.exit
    case 'rejected':
      return isErrorCode(error?.code) ? errorCodes[error.code].exit : 1
  }
}

/** A failed job ends like its error, one that switched like its switch. */
export function exitOfJob({ state, error, result }: Pick<Job, 'state' | 'error' | 'result'>): number {
  if (state === 'cancelled') return errorCodes.cancelled.exit
  if (state === 'failed') return isErrorCode(error?.code) ? errorCodes[error.code].exit : 1
  return result?.switch ? exitOfSwitch(result.switch) : 0
}
