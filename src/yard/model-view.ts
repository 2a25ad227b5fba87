/** A model as the doors show it: what its engine says, what we remember of it, where it is used. */
import { joinRef, type LoadOptions, type Model, type ModelKind } from '../contract/index.ts'
import type { ListedModel, LoadedInstance, ModelDetails, Provider } from '../providers/provider.ts'
import { memoryPartsOf } from '../switching/estimate-memory.ts'
import { instanceOf } from '../watching/picture.ts'
import type { Holders } from './holders.ts'

export interface Remembered {
  readonly load?: LoadOptions | undefined
  readonly kind?: ModelKind | undefined
  readonly pinned?: boolean | undefined
}

export interface ModelViewOptions {
  readonly provider: Provider
  readonly model: ListedModel
  readonly loaded: readonly LoadedInstance[]
  readonly remembered: Remembered
  /** Slots whose pointer is this model. */
  readonly slots: readonly string[]
}

export function viewModel({ provider, model, loaded, remembered, slots }: ModelViewOptions): Model {
  const instances = loaded.filter((one) => one.name === model.name || provider.sameModel(one.name, model.name))
  return {
    ref: joinRef(provider.id, model.name),
    provider: provider.id,
    name: model.name,
    kind: remembered.kind ?? model.kind,
    ...saidOf(model),
    capabilities: [...model.capabilities],
    ...(remembered.load && Object.keys(remembered.load).length > 0 && { load: remembered.load }),
    loaded: instances.map(instanceOf),
    pinned: remembered.pinned ?? false,
    slots: [...slots],
  }
}

/** Made once for a model that its engine lists again as it was. */
function saidOf(model: ListedModel): Partial<Model> {
  const known = said.get(model) ?? definedOf(model)
  said.set(model, known)
  return known
}

const said = new WeakMap<ListedModel, Partial<Model>>()

/** What the engine said; what it did not say stays absent. */
function definedOf(model: ListedModel): Partial<Model> {
  const { displayName, family, parameters, quantization, format, sizeBytes, contextLength, modifiedAt } = model
  const said = { displayName, family, parameters, quantization, format, sizeBytes, contextLength, modifiedAt }
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined))
}

export function withDetails(model: Model, details: ModelDetails, { holders, diskBytes, source }: Holders): Model {
  const { template } = details
  const memory = memoryPartsOf(details)
  return {
    ...model,
    ...(source && { source }),
    details: { ...(template && { template }), holders, diskBytes, ...(memory && { memory }) },
  }
}
