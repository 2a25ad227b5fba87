/** The catalogue as it is shown: families, about how big each model is, and whether that fits. Pure. */
import { type Catalog, type CatalogEntry, type Fit, fitOf, type Hardware, knownQuantization } from '../../sdk.ts'

export interface OfferedModel {
  readonly entry: CatalogEntry
  /** About that of the usual quantization; undefined where its parameters are not told in a number. */
  readonly bytes: number | undefined
  readonly fit: Fit | undefined
}

export interface Family {
  readonly name: string
  readonly models: readonly OfferedModel[]
}

export interface Wanted {
  readonly words: string
  readonly onlyFitting: boolean
}

/** What engines and other tools take when nobody says. */
const usual = 'Q4_K_M'

export function offered(catalog: Catalog, hardware: Hardware | undefined): OfferedModel[] {
  const bits = knownQuantization(catalog.quantizations, usual)?.bitsPerWeight
  return catalog.entries.map((entry) => {
    const parameters = parametersOf(entry.parameters)
    const bytes = parameters === undefined || bits === undefined ? undefined : Math.round((parameters * bits) / 8)
    const { contextLength, cache } = entry
    const fit = bytes === undefined || !hardware ? undefined : fitOf({ weightsBytes: bytes, parameters, contextLength, cache, hardware })
    return { entry, bytes, fit }
  })
}

/** In the order of the catalogue. Every word has to be somewhere. */
export function familiesOf(models: readonly OfferedModel[], { words, onlyFitting }: Wanted): Family[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  const kept = models.filter((one) => (!onlyFitting || fits(one.fit)) && wanted.every((word) => haystack(one.entry).includes(word)))
  const names = [...new Set(kept.map(({ entry }) => entry.family))]
  return names.map((name) => ({ name, models: kept.filter(({ entry }) => entry.family === name) }))
}

/** The first so many models of them all. */
export function firstOf(families: readonly Family[], count: number): Family[] {
  let left = count
  return families.flatMap(({ name, models }) => {
    const taken = models.slice(0, left)
    left -= taken.length
    return taken.length === 0 ? [] : [{ name, models: taken }]
  })
}

const fits = (fit: Fit | undefined): boolean => fit !== undefined && fit.verdict !== 'no' && fit.verdict !== 'unknown'

const haystack = ({ id, aliases, family, name, what, capabilities, repositories }: CatalogEntry): string =>
  [id, ...aliases, family, name, what, ...capabilities, ...repositories].join('\n').toLowerCase()

/** `8.2B`, `135M`, `26B, 4B active`: all of them are loaded, whichever work. */
export function parametersOf(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)\s*([MBT])\b/.exec(text) ?? []
  return count === undefined ? undefined : Math.round(Number(count) * { M: 1e6, B: 1e9, T: 1e12 }[unit as 'M' | 'B' | 'T'])
}
