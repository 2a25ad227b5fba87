/** What the parts of an import share: where LM Studio is, what it lists, how long it is waited for. */
import { ModelyardError } from '../../contract/index.ts'
import { withinTime } from '../../platform/within-time.ts'
import type { ListedModel } from '../provider.ts'
import type { Installation } from './find-home.ts'

export interface ImportPlace {
  /** Looks anew where LM Studio is on this machine. */
  readonly look: () => Promise<Installation>
  readonly list: (signal: AbortSignal) => Promise<readonly ListedModel[]>
  /** Removes a model by its files, out of memory before; throws where it is not certain which these are. */
  readonly remove: (name: string, signal: AbortSignal) => Promise<void>
  /** Our own folder of GGUF files. */
  readonly library: string | undefined
  readonly limits: ImportLimits
  readonly log: (message: string) => void
}

export interface ImportLimits {
  /** Until a placed model is listed: LM Studio reads its folder in the background. */
  readonly listedMs: number
  /** Until a removed one no longer is. */
  readonly goneMs: number
  /** Of one call of `lms`, beside the time that copying takes. */
  readonly lmsMs: number
}

const answerMs = 10_000

export function listNow({ list, limits }: ImportPlace, signal: AbortSignal): Promise<readonly ListedModel[]> {
  const late = () => new ModelyardError('timeout', 'LM Studio did not list its models in time.')
  return withinTime({ signal, ms: Math.min(answerMs, limits.listedMs), late }, list)
}

/** A server that does not run lists nothing. */
export const unlessAborted =
  (signal: AbortSignal) =>
  (error: unknown): undefined => {
    if (signal.aborted) throw error
  }

export const noFolder = (): ModelyardError =>
  new ModelyardError('unsupported_operation', 'The models folder of LM Studio was not found, and its command neither.', {
    hint: 'Name the folder as "modelsDir" of this provider in the configuration.',
  })
