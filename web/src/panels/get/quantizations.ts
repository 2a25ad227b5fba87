/** The rows of a repository's table, and what choosing one asks for. Pure. */
import { type Catalog, type HubQuantization, type HubRepository, knownQuantization, type QuantizationInfo } from '../../sdk.ts'
import type { RepositorySource } from './target.ts'

export interface QuantizationRow {
  readonly key: string
  readonly quantization: HubQuantization
  /** Undefined where the name says nothing known. */
  readonly info: QuantizationInfo | undefined
  readonly recommended: boolean
  /** What the address and the job say for it. */
  readonly choice: { readonly quantization: string } | { readonly file: string }
  /** Several are of this quantization: the file tells them apart. */
  readonly label: string
}

export function rowsOf({ quantizations, recommended }: HubRepository, catalog: Catalog | undefined): QuantizationRow[] {
  const taken = quantizations.find((one) => one.complete && one.quantization === recommended)
  return quantizations.map((one, index) => {
    const path = one.files[0]?.path ?? ''
    const isUnique =
      one.quantization !== 'unknown' && quantizations.every((other) => other === one || other.quantization !== one.quantization)
    return {
      key: `${index} ${path}`,
      quantization: one,
      info: knownQuantization(catalog?.quantizations ?? [], one.quantization),
      recommended: one === taken,
      choice: isUnique ? { quantization: one.quantization } : { file: path },
      label: isUnique ? one.quantization : path,
    }
  })
}

/** The row that is meant: what was chosen, else what is recommended. */
export function chosenRow(rows: readonly QuantizationRow[], { quantization, file }: RepositorySource): QuantizationRow | undefined {
  if (file !== undefined) return rows.find((row) => row.quantization.files.some(({ path }) => isFile(path, file)))
  if (quantization === undefined) return rows.find(({ recommended }) => recommended)
  return rows.find((row) => row.quantization.quantization.toLowerCase() === quantization.toLowerCase())
}

const isFile = (path: string, named: string): boolean => path === named || path.slice(path.lastIndexOf('/') + 1) === named

/** All that its set weighs is one size: shards are one. */
export const sourceFor = ({ repo, revision }: RepositorySource, { choice }: QuantizationRow): RepositorySource => ({
  repo,
  ...choice,
  ...(revision !== undefined && { revision }),
})
