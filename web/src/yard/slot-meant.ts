/** Which slot is meant by a name. Pure. */
import type { Slot } from '../sdk.ts'

/** The one of that name, else `default`, else the first: a slot may be gone since it was chosen. */
export function slotMeant(slots: readonly Slot[], name: string): Slot | undefined {
  return slots.find((one) => one.slot === name) ?? slots.find((one) => one.slot === 'default') ?? slots[0]
}
