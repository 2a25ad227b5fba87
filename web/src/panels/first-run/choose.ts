/** Which models of the catalogue to offer on this machine: three sizes, of as many families. Pure; sizes are estimates. */
import type { Catalog, CatalogEntry, Hardware } from '../../sdk.ts'

export const usual = 'Q4_K_M'

export interface Candidate {
  readonly entry: CatalogEntry
  /** Of the usual quantization, by its bits. */
  readonly bytes: number
  /** How many of its parameters each token asks for: what makes it slow without a GPU. */
  readonly active: number
}

export const tiers = ['small', 'medium', 'large'] as const
export type Tier = (typeof tiers)[number]

export interface Room {
  readonly memory: number
  /** 0: none is known. */
  readonly gpu: number
}

export const roomOf = ({ memory, gpus }: Hardware): Room => ({
  memory: memory.free,
  gpu: gpus.reduce((sum, { free = 0 }) => sum + free, 0),
})

/** Of `8.2B`, `30.5B, 3.3B active`, `135M`. */
export function parametersOf(words: string): { readonly all: number; readonly active: number } | undefined {
  const said = [...words.matchAll(/(\d+(?:\.\d+)?)\s*([MB])\b/g)]
  const [all, active = all] = said.map(([, count, unit]) => Math.round(Number(count) * (unit === 'B' ? 1e9 : 1e6)))
  return all === undefined || active === undefined ? undefined : { all, active }
}

export function candidatesOf({ entries, quantizations }: Catalog): Candidate[] {
  const bits = quantizations.find(({ name }) => name === usual)?.bitsPerWeight ?? 5
  return entries.flatMap((entry): Candidate[] => {
    const parameters = entry.capabilities.includes('embedding') ? undefined : parametersOf(entry.parameters)
    return parameters ? [{ entry, bytes: (parameters.all * bits) / 8, active: parameters.active }] : []
  })
}

/** Weights, a context and what an engine needs besides. */
const needed = (bytes: number): number => bytes * 1.15 + 1e9
/** Without a GPU more than these make a person wait for words. */
const mostActive = 9e9
/** Licences that forbid much of what people do. */
const restricted = /research|\bnc\b|non-?commercial/i
/** How much smaller one tier is than the next. */
const step = 3

/** For each tier what comes into question, the best first; nothing is in two of them. A tier can be empty. */
export function choose(candidates: readonly Candidate[], { memory, gpu }: Room): Record<Tier, readonly Candidate[]> {
  const fitting = candidates.filter((one) => needed(one.bytes) <= memory + gpu && (gpu > 0 || one.active <= mostActive))
  const largest = Math.max(0, ...fitting.map(({ bytes }) => bytes))
  const targets: Record<Tier, number> = { large: largest, medium: largest / step, small: largest / step ** 2 }
  const distance = (tier: Tier, { bytes }: Candidate): number => Math.abs(Math.log(bytes / targets[tier]))
  const of = (tier: Tier): Candidate[] => {
    const own = fitting.filter((one) => tiers.every((other) => distance(tier, one) <= distance(other, one)))
    return own.sort((a, b) => distance(tier, a) - distance(tier, b))
  }
  const taken = new Set<string>()
  const against = ({ entry }: Candidate): number => Number(restricted.test(entry.licence)) * 2 + Number(taken.has(entry.family))
  const newFamilyFirst = (list: readonly Candidate[]): Candidate[] => {
    const ordered = [...list].sort((a, b) => against(a) - against(b))
    if (ordered[0]) taken.add(ordered[0].entry.family)
    return ordered
  }
  const [large, medium, small] = [of('large'), of('medium'), of('small')].map(newFamilyFirst)
  return { large: large ?? [], medium: medium ?? [], small: small ?? [] }
}
