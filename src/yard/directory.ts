/** The providers by id, with the user's word on what kind a model is. */
import { joinRef, type ModelKind } from '../contract/index.ts'
import type { ListedModel, Provider } from '../providers/provider.ts'
import type { Directory } from '../switching/directory.ts'

export function createDirectory(providers: readonly Provider[], overruled: (ref: string) => ModelKind | undefined): Directory {
  const byId = new Map(providers.map((one) => [one.id, one]))
  return {
    providers: () => providers,
    provider: (id) => byId.get(id),
    kindOf: (provider, model: ListedModel) => overruled(joinRef(provider, model.name)) ?? model.kind,
  }
}
