/** Slots and their switches, as the doors see them. */
import { ModelyardError, type Slot, slotName, slotSettings, switchRequest } from '../contract/index.ts'
import type { Store } from '../store/store.ts'
import { viewSlot } from '../switching/slot-runtime.ts'
import type { Switcher } from '../switching/switcher.ts'
import type { ChatClient, SlotHandle, SwitchOptions, Yard } from './yard.ts'

export interface SlotsOptions {
  readonly store: Store
  readonly switcher: Switcher
  readonly chat: (slot: string) => ChatClient
}

export function createSlots({ store, switcher }: SlotsOptions): Yard['slots'] {
  return {
    list: () => switcher.slots().map(viewSlot),
    get: (name) => switcher.view(name),
    async put(name, settings): Promise<Slot> {
      const checked = slotSettings.safeParse(settings)
      if (!slotName.safeParse(name).success) throw new ModelyardError('invalid_request', 'A slot name is [a-z][a-z0-9-]{0,31}.')
      if (!checked.success) throw new ModelyardError('invalid_request', `The settings are not valid: ${checked.error.issues[0]?.message}.`)
      await store.putSlot(name, checked.data)
      const slot = switcher.addSlot(name)
      switcher.changed(slot)
      return viewSlot(slot)
    },
    async remove(name) {
      if (name === 'default') throw new ModelyardError('conflict', 'The slot "default" always exists.', { retryable: false })
      switcher.slot(name)
      switcher.dropSlot(name)
      await store.removeSlot(name)
    },
  }
}

export function createSlotHandle({ switcher, chat }: SlotsOptions, name: string): SlotHandle {
  const startSwitch: SlotHandle['startSwitch'] = (model, options = {}) => {
    switcher.slot(name)
    return switcher.begin(name, checkWish(model, options))
  }
  return {
    name,
    get: () => switcher.view(name),
    startSwitch,
    async switch(model, options = {}) {
      const { signal, ...wish } = options
      if (signal?.aborted) throw ModelyardError.from(signal.reason)
      const { id, result } = startSwitch(model, wish)
      const onAbort = (): void => void switcher.cancel(id).catch(() => undefined)
      signal?.addEventListener('abort', onAbort, { once: true })
      try {
        return await result
      } finally {
        signal?.removeEventListener('abort', onAbort)
      }
    },
    chat: () => chat(name),
  }
}

/** Options by schema; the model's name is judged by the switch itself, so that a bad one is `rejected`. */
function checkWish(model: string, options: Omit<SwitchOptions, 'signal'>) {
  const { provider, policy, load } = options
  const checked = switchRequest.safeParse({
    model: 'any',
    ...(provider !== undefined && { provider }),
    ...(policy && { policy }),
    ...(load && { load }),
  })
  if (checked.success) return { model, provider, policy, load }
  const issue = checked.error.issues[0]
  throw new ModelyardError(
    'invalid_request',
    `The switch is not valid at "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'unknown form'}.`,
  )
}
