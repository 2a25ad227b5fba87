/** What the disk refused, in our words. */
import { ModelyardError } from '../contract/index.ts'

const full = new Set(['ENOSPC', 'EDQUOT'])
const forbidden = new Set(['EACCES', 'EPERM', 'EROFS'])

export function refused(error: unknown): ModelyardError {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (full.has(code)) return new ModelyardError('disk_full', 'The volume of the library is full.', { cause: error })
  if (forbidden.has(code))
    return new ModelyardError('conflict', `The library cannot be written (${code}).`, {
      cause: error,
      retryable: false,
      hint: 'Look at who owns its folder, and whether a program has the file open.',
    })
  return ModelyardError.from(error)
}
