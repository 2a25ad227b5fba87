/** Lets go of the old model when its last lease has ended: if it is ours, unpinned and serves no slot. */
import { ModelyardError } from '../contract/index.ts'
import type { Target } from './ports.ts'
import type { SlotRuntime } from './slot-runtime.ts'
import { providerOf, type Workshop } from './workshop.ts'

export interface ReleaseShop extends Workshop {
  readonly log: (message: string, error?: unknown) => void
  readonly signal: AbortSignal
  /** Asked at the last moment: it may have become wanted again meanwhile. */
  readonly stillServes: (target: Target) => boolean
}

export async function releaseWhenFree(
  shop: ReleaseShop,
  slot: SlotRuntime,
  { target, epoch, ours }: { target: Target; epoch: number; ours: boolean },
): Promise<void> {
  await freeOrClosing(slot, epoch, shop.signal)
  if (shop.signal.aborted) return
  const turn = await shop.turns.take([target.provider], shop.signal).catch(() => undefined)
  if (!turn) return
  try {
    if (!shop.stillServes(target) && !shop.store.pinned(target.provider, target.name)) await unloadIfOurs(shop, target, ours)
  } catch (error) {
    if (!shop.signal.aborted) shop.log(`${target.name} could not be unloaded after the switch: ${ModelyardError.from(error).message}`)
  } finally {
    turn.end()
  }
}

function freeOrClosing(slot: SlotRuntime, epoch: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
    slot.gate.whenFree(epoch, done)
  })
}

async function unloadIfOurs(shop: ReleaseShop, target: Target, ours: boolean): Promise<void> {
  const provider = providerOf(shop.directory, target.provider)
  if (provider.capabilities.unload === 'none') return
  const loaded = await provider.loaded(shop.signal)
  const found = loaded.find((one) => provider.sameModel(one.name, target.name) && (ours || one.loadedBy === 'us'))
  if (found) await provider.unload({ name: found.name, instanceId: found.instanceId }, shop.signal)
}
