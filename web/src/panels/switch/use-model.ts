/** Puts a model into the slot that is chosen: what a row, a key, and a second try have in common. */
import type { ReadonlySignal } from '@preact/signals'
import { useCallback, useRef } from 'preact/hooks'
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
  const asked = useRef('')
  const use = useCallback(
    (ref: string, load?: LoadOptions): void => {
      const name = slot.peek()?.slot
      if (name === undefined) return
      // A second press asks for nothing new; another model is wanted instead.
      const runs = switches.peek().some(({ record }) => record.slot === name && record.outcome === undefined && record.to === ref)
      const isAsked = start.running.peek() && asked.current === `${name} ${ref}`
      if ((runs || isAsked) && load === undefined) return
      asked.current = `${name} ${ref}`
      void start.next(() => verbs.slot(name).startSwitch(ref, load && { load }))
    },
    [verbs, switches, slot, start],
  )
  return { start, use }
}
