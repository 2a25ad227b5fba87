/** The roll back: not a pointer moved back, but the old model loaded again if it was evicted, and seen to answer. */
import { ModelyardError } from '../contract/index.ts'
import type { MachineEvent, Run } from './machine-state.ts'
import type { Target } from './ports.ts'
import type { SlotRuntime } from './slot-runtime.ts'
import { verify } from './verify.ts'
import { providerOf, type Workshop } from './workshop.ts'

/** An engine that has just failed may need a moment: it is asked twice. */
const attempts = 2

export async function putBack(
  shop: Workshop,
  slot: SlotRuntime,
  { run, back }: { run: Run; back?: Target | undefined },
  signal: AbortSignal,
): Promise<MachineEvent> {
  const warnings = await letGo(shop, slot, { run, back }, signal)
  if (run.handsOver) return { type: 'restored', warnings }
  if (back) await bringBack(shop, back, signal)
  return { type: 'restored', warnings: [...warnings, ...(await bringBackOthers(shop, slot, signal))] }
}

/** The new model goes again, unless it was there before or somebody else needs it. */
async function letGo(
  shop: Workshop,
  slot: SlotRuntime,
  { run, back }: { run: Run; back?: Target | undefined },
  signal: AbortSignal,
): Promise<string[]> {
  if (!run.loadBegun || run.wasLoaded) return []
  const provider = providerOf(shop.directory, run.to.provider)
  const needed = [...shop.elsewhere(slot), ...(back ? [back] : [])]
  const stays = needed.some((one) => one.provider === provider.id && provider.sameModel(one.name, run.to.name))
  if (stays || provider.capabilities.unload === 'none') return []
  try {
    await provider.unload({ name: run.to.name }, signal)
    return []
  } catch (error) {
    if (signal.aborted) throw error
    const known = ModelyardError.from(error)
    return known.code === 'model_not_found' ? [] : [`The new model could not be unloaded again: ${known.message}`]
  }
}

async function bringBack(shop: Workshop, target: Target, signal: AbortSignal): Promise<void> {
  const provider = providerOf(shop.directory, target.provider)
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { sizeBytes } = await provider.show(target.name, signal)
      await provider.load(target.name, target.load, { signal, sizeBytes })
      await verify({ provider, target, sizeBytes, signal, now: shop.now })
      return
    } catch (error) {
      if (signal.aborted || attempt === attempts) throw error
    }
  }
}

/** A failed load may have evicted what served other slots in that engine. */
async function bringBackOthers(shop: Workshop, slot: SlotRuntime, signal: AbortSignal): Promise<string[]> {
  const warnings: string[] = []
  for (const target of shop.elsewhere(slot)) {
    const provider = shop.directory.provider(target.provider)
    const was = slot.others.some((one) => one.provider === target.provider && provider?.sameModel(one.name, target.name))
    if (!provider || !was) continue
    try {
      await provider.load(target.name, target.load, { signal })
    } catch (error) {
      if (signal.aborted) throw error
      warnings.push(
        `${target.name}, which serves another slot, was evicted and could not be loaded again: ${ModelyardError.from(error).message}`,
      )
    }
  }
  return warnings
}
