/** Which models a list shows, in which order. Pure. */
import type { Model, ProviderState } from '../../sdk.ts'

export const columns = ['name', 'provider', 'size', 'modified'] as const
export type Column = (typeof columns)[number]

export interface Order {
  readonly by: Column
  readonly down: boolean
}

export interface Wanted {
  readonly words: string
  readonly provider: string
  readonly kind: string
}

export const allWanted: Wanted = { words: '', provider: '', kind: '' }
export const firstOrder: Order = { by: 'name', down: false }

/** The same column again turns it round; sizes and times begin with the greatest. */
export function orderAfter({ by, down }: Order, column: Column): Order {
  if (by === column) return { by, down: !down }
  return { by: column, down: column === 'size' || column === 'modified' }
}

const { compare } = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

const measures: Readonly<Record<Column, (model: Model) => string | number | undefined>> = {
  name: (one) => one.name,
  provider: (one) => one.provider,
  size: (one) => one.sizeBytes,
  modified: (one) => (one.modifiedAt === undefined ? undefined : Date.parse(one.modifiedAt)),
}

/** What has no measure is last in both directions; equals are in the order of their names. */
export function ordered(models: readonly Model[], { by, down }: Order): Model[] {
  const measure = measures[by]
  const sign = down ? -1 : 1
  return models
    .map((model) => ({ model, key: measure(model) }))
    .sort((a, b) => {
      if (a.key === undefined || b.key === undefined)
        return Number(a.key === undefined) - Number(b.key === undefined) || compare(a.model.name, b.model.name)
      const order = typeof a.key === 'number' ? a.key - Number(b.key) : compare(a.key, String(b.key))
      return sign * order || compare(a.model.name, b.model.name) || compare(a.model.provider, b.model.provider)
    })
    .map(({ model }) => model)
}

/** Every word has to be somewhere. */
export function wantedOf(models: readonly Model[], { words, provider, kind }: Wanted): Model[] {
  const parts = words.toLowerCase().split(/\s+/).filter(Boolean)
  return models.filter((model) => {
    if (provider !== '' && model.provider !== provider) return false
    if (kind !== '' && model.kind !== kind) return false
    if (parts.length === 0) return true
    const { name, displayName = '', quantization = '', family = '', parameters = '', slots } = model
    const haystack = [name, displayName, model.provider, quantization, family, parameters, model.kind, ...slots].join('\n').toLowerCase()
    return parts.every((part) => haystack.includes(part))
  })
}

/** An engine that does not answer now keeps what it was last known to have; nothing of it is known to be in memory. */
export function withLastKnown(
  now: readonly Model[],
  states: readonly { readonly id: string; readonly state: ProviderState }[],
  before: readonly Model[],
): Model[] {
  const silent = new Set(states.filter(({ state }) => state !== 'ready').map(({ id }) => id))
  const listed = new Set(now.map(({ provider }) => provider))
  const kept = before.filter(({ provider }) => silent.has(provider) && !listed.has(provider))
  return [...now, ...kept.map((one): Model => ({ ...one, loaded: [] }))]
}
