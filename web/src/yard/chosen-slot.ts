/** Which slot a "Use" moves. Every part of the page means the same one; a tab remembers its own. */
import { signal } from '@preact/signals'
import type { Slot } from '../sdk.ts'

const key = 'modelyard.slot'

/** By name; the slot may be gone. */
export const chosenSlot = signal(kept() ?? 'default')

export function chooseSlot(name: string): void {
  chosenSlot.value = name
  try {
    sessionStorage.setItem(key, name)
  } catch {
    // A window without storage: it is remembered until it closes.
  }
}

/** The chosen one among those that there are, else `default`, else the first. */
export function slotMeant(slots: readonly Slot[], name: string): Slot | undefined {
  return slots.find((one) => one.slot === name) ?? slots.find((one) => one.slot === 'default') ?? slots[0]
}

function kept(): string | null {
  try {
    return globalThis.sessionStorage?.getItem(key) ?? null
  } catch {
    return null
  }
}
