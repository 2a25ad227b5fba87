/** Which slot a "Use" moves. Every part of the page means the same one; a tab remembers its own. */
import { signal } from '@preact/signals'

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

function kept(): string | null {
  try {
    return globalThis.sessionStorage?.getItem(key) ?? null
  } catch {
    return null
  }
}
