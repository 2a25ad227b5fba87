/** How much the models of each engine take, as far as their sizes are known. Pure. */
import type { Model } from '../../sdk.ts'

export interface Total {
  readonly count: number
  /** Sizes added up: a file that two models share is in it twice. */
  readonly bytes: number
  /** Models whose size nobody says. */
  readonly unknown: number
}

const nothing: Total = { count: 0, bytes: 0, unknown: 0 }

const plus = ({ count, bytes, unknown }: Total, { sizeBytes }: Model): Total => ({
  count: count + 1,
  bytes: bytes + (sizeBytes ?? 0),
  unknown: unknown + (sizeBytes === undefined ? 1 : 0),
})

export const totalOf = (models: readonly Model[]): Total => models.reduce(plus, nothing)

/** The engine that takes most first. */
export function totalsOf(models: readonly Model[]): { readonly provider: string; readonly total: Total }[] {
  const byProvider = new Map<string, Total>()
  for (const model of models) byProvider.set(model.provider, plus(byProvider.get(model.provider) ?? nothing, model))
  return [...byProvider].map(([provider, total]) => ({ provider, total })).sort((a, b) => b.total.bytes - a.total.bytes)
}
