/** Puts a model into the slot that is chosen: what a row, a key, and a second try have in common. */
import type { ReadonlySignal } from '@preact/signals'
import { useCallback } from 'preact/hooks'
import type { LoadOptions, Slot } from '../../sdk.ts'
import { type Call, useCall } from '../../ui/use-call.ts'
import { useYard } from '../../yard/context.ts'

export interface UseModel {
  /** Of the beginning; what becomes of it is the switch's to say. */
  readonly start: Call
  readonly use: (ref: string, load?: LoadOptions) => void
}

export function useModel(slot: ReadonlySignal<Slot | undefined>): UseModel {
  const { verbs, switches } = useYard()
  const start = useCall()
  const { run } = start
  const use = useCallback(
    (ref: string, load?: LoadOptions): void => {
      const name = slot.peek()?.slot
      if (name === undefined) return
      // A second press asks for nothing new.
      const runs = switches.peek().some(({ record }) => record.slot === name && record.outcome === undefined && record.to === ref)
      if (runs && load === undefined) return
      void run(() => verbs.slot(name).startSwitch(ref, load && { load }))
    },
    [verbs, switches, slot],
  )
  return { start, use }
}
