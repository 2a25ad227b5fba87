/** What a client may write as `model`: slots first, then every chat and embedding model, whoever does not answer meanwhile. */
import { joinRef, type Model, type Slot } from '../contract/index.ts'
import { slotEmpty } from '../switching/slot-empty.ts'
import type { Yard } from '../yard/yard.ts'
import type { ListedChoice } from './list-entry.ts'
import type { Workshop } from './workshop.ts'

export async function listedChoices({ yard, limits }: Pick<Workshop, 'yard' | 'limits'>, signal: AbortSignal): Promise<ListedChoice[]> {
  const { models } = await yard.models.list({ kind: 'all', withinMs: limits.listMs, signal })
  const byRef = new Map(models.map((model) => [model.ref, model]))
  const slots = yard.slots.list().map((slot): ListedChoice => ({ id: slot.slot, slot, model: servedBy(slot, byRef) }))
  const usable = models.filter(({ kind }) => kind === 'chat' || kind === 'embedding')
  return [...slots, ...usable.map((model): ListedChoice => ({ id: model.ref, model }))]
}

/** One of them, with details. Throws `model_not_found`, `model_ambiguous`, and `slot_empty` for a slot that has no model. */
export async function listedChoice(yard: Yard, name: string, signal: AbortSignal): Promise<ListedChoice> {
  const slotName = yard.admission.slotOf(name)
  if (slotName === undefined) {
    const model = await yard.models.get(name, { signal })
    return { id: model.ref, model }
  }
  const slot = yard.slots.get(slotName)
  const ref = slot.provider === undefined || slot.model === undefined ? undefined : joinRef(slot.provider, slot.model)
  if (ref === undefined) throw slotEmpty(slotName)
  return { id: slotName, slot, model: await yard.models.get(ref, { signal }) }
}

function servedBy({ provider, model }: Slot, byRef: ReadonlyMap<string, Model>): Model | undefined {
  return provider === undefined || model === undefined ? undefined : byRef.get(joinRef(provider, model))
}
