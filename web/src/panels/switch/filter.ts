/** Which models a filter lets through, and what there is to filter by. Pure. */
import type { Model, ModelCapability } from '../../sdk.ts'

export interface Filter {
  readonly words: string
  /** Empty: any. So in all of these. */
  readonly provider: string
  readonly size: string
  readonly quantization: string
  readonly capability: string
  readonly loaded: boolean
}

export const noFilter: Filter = { words: '', provider: '', size: '', quantization: '', capability: '', loaded: false }

/** How many of its conditions, besides words, are set: what a folded row of them says. */
export const conditionsOf = ({ provider, size, quantization, capability, loaded }: Filter): number =>
  [provider, size, quantization, capability, loaded].filter(Boolean).length

export const isFiltering = (filter: Filter): boolean => filter.words.trim() !== '' || conditionsOf(filter) > 0

/** What of a model is looked at again and again: made once for each. */
export interface Findable {
  readonly model: Model
  /** What words are looked for in, in lower case. */
  readonly haystack: string
  /** Its name such that numbers in it are in their order. */
  readonly sortKey: string
  readonly size: string
}

const made = new WeakMap<Model, Findable>()

export function findable(model: Model): Findable {
  const known = made.get(model)
  if (known) return known
  const { name, displayName = '', provider, quantization = '', family = '', parameters = '', capabilities } = model
  const haystack = [name, displayName, provider, quantization, family, parameters, ...capabilities].join('\n').toLowerCase()
  const sortKey = name.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(8, '0'))
  const one = { model, haystack, sortKey, size: sizeRangeOf(model.sizeBytes) }
  made.set(model, one)
  return one
}

/** What serves first, then what is loaded, then by name: the order that the list has whatever is typed. */
export function ordered(models: readonly Model[]): readonly Findable[] {
  return models
    .map(findable)
    .sort((a, b) => rank(a.model) - rank(b.model) || compare(a.sortKey, b.sortKey) || compare(a.model.ref, b.model.ref))
}

const rank = ({ slots, loaded }: Model): number => (slots.length > 0 ? 0 : loaded.length > 0 ? 1 : 2)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Every word has to be somewhere, every condition has to hold. The order stays. */
export function filtered(models: readonly Findable[], { words, provider, size, quantization, capability, loaded }: Filter): Model[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  const found: Model[] = []
  for (const one of models) {
    const { model, haystack } = one
    if (provider !== '' && model.provider !== provider) continue
    if (size !== '' && one.size !== size) continue
    if (quantization !== '' && model.quantization !== quantization) continue
    if (capability !== '' && !model.capabilities.includes(capability as ModelCapability)) continue
    if (loaded && model.loaded.length === 0 && model.slots.length === 0) continue
    if (wanted.every((word) => haystack.includes(word))) found.push(model)
  }
  return found
}

/** Upper ends, in bytes. */
const sizeEnds = [2e9, 5e9, 10e9, 20e9, 50e9, Number.POSITIVE_INFINITY] as const

/** A range by the number of its place; empty for a size that is not known. */
const sizeRangeOf = (bytes: number | undefined): string => (bytes === undefined ? '' : String(sizeEnds.findIndex((end) => bytes < end)))

/** From (included) and to (excluded), in bytes. */
export const sizeRange = (range: string): readonly [number, number] => [
  sizeEnds[Number(range) - 1] ?? 0,
  sizeEnds[Number(range)] ?? Number.POSITIVE_INFINITY,
]

export interface Choice {
  readonly value: string
  readonly count: number
}

export interface Choices {
  readonly provider: readonly Choice[]
  readonly size: readonly Choice[]
  readonly quantization: readonly Choice[]
  readonly capability: readonly Choice[]
  readonly loaded: number
}

const telling: readonly ModelCapability[] = ['tools', 'vision', 'reasoning', 'audio', 'insert', 'image']

/** What tells one chat model from another, in the order in which it is said. */
export const capabilitiesOf = ({ capabilities }: Model): readonly ModelCapability[] => telling.filter((one) => capabilities.includes(one))

/** What there is, with how many models have it. What no model has is no choice. */
export function choicesOf(models: readonly Findable[]): Choices {
  const providers = new Map<string, number>()
  const sizes = new Map<string, number>()
  const quantizations = new Map<string, number>()
  const capabilities = new Map<string, number>()
  let loaded = 0
  for (const { model, size } of models) {
    count(providers, model.provider)
    count(sizes, size)
    count(quantizations, model.quantization ?? '')
    for (const one of capabilitiesOf(model)) count(capabilities, one)
    if (model.loaded.length > 0 || model.slots.length > 0) loaded += 1
  }
  return {
    provider: listed(providers),
    size: listed(sizes),
    quantization: listed(quantizations),
    capability: telling.flatMap((value) => listed(capabilities).filter((one) => one.value === value)),
    loaded,
  }
}

const count = (counts: Map<string, number>, value: string): void => void (value !== '' && counts.set(value, (counts.get(value) ?? 0) + 1))

const listed = (counts: ReadonlyMap<string, number>): readonly Choice[] =>
  [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => compare(a.value, b.value))
