import { ModelyardError } from '../contract/index.ts'

/** No model known makes longer ones. */
const maxLength = 65_536

export interface WantedVectors {
  readonly label: string
  readonly count: number
  /** Length that was asked for. */
  readonly dimensions?: number | undefined
}

/**
 * One vector for each text, all of one length, finite numbers only; else throws `provider_protocol`. Throws
 * `unsupported_operation` where the model makes vectors of another length than was asked for.
 */
export function readVectors(value: unknown, { label, count, dimensions }: WantedVectors): number[][] {
  const wrong = (what: string): ModelyardError => new ModelyardError('provider_protocol', `${label}: ${what}.`)
  if (!Array.isArray(value)) throw wrong('expected a list of vectors')
  if (value.length !== count) throw wrong(`expected ${count} vectors; ${value.length} came`)
  const length = Array.isArray(value[0]) ? value[0].length : 0
  if (length === 0 || length > maxLength || !value.every((one) => isVector(one, length))) {
    throw wrong('expected vectors of finite numbers, all of one length')
  }
  if (dimensions !== undefined && dimensions !== length) {
    throw new ModelyardError(
      'unsupported_operation',
      `${label} makes vectors of ${length} numbers with this model, not of ${dimensions}.`,
      {
        hint: 'Leave "dimensions" out.',
        details: { field: 'dimensions' },
      },
    )
  }
  return value
}

const isVector = (value: unknown, length: number): value is number[] =>
  Array.isArray(value) && value.length === length && value.every((one) => Number.isFinite(one))
