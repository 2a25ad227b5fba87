/** The curated catalogue: which models there are to get, under which names, and what each quantization costs. */
import { type Catalog, type CatalogEntry, catalog, type QuantizationInfo } from '../contract/index.ts'
import { knownQuantization } from '../contract/known-quantization.ts'
import data from './catalog.json' with { type: 'json' }

let read: Catalog | undefined

/** Checked by its schema when it is first wanted. Sizes and hashes are not in it: they come from the Hub. */
export function readCatalog(): Catalog {
  read ??= catalog.parse(data)
  return read
}

/** By id or another name, in any case: `qwen3-8b`, `qwen3:8b`. */
export function findEntry(name: string): CatalogEntry | undefined {
  const wanted = name.toLowerCase()
  return readCatalog().entries.find(({ id, aliases }) => id === wanted || aliases.includes(wanted))
}

/** The entry that has this repository; the Hub does not tell letters' case apart. */
export function entryOfRepository(repo: string): CatalogEntry | undefined {
  const wanted = repo.toLowerCase()
  return readCatalog().entries.find(({ repositories }) => repositories.some((one) => one.toLowerCase() === wanted))
}

/** Of `Q4_K_M`, and of what is a variant of it: `UD-Q4_K_M`, `Q4_K_XL` as the next that is known. */
export const quantizationInfo = (name: string): QuantizationInfo | undefined => knownQuantization(readCatalog().quantizations, name)
