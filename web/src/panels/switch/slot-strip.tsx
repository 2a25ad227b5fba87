/** The strip of the slot that is chosen, if there is anything to say about its newest switch. */
import { type ReadonlySignal, useComputed } from '@preact/signals'
import type { JSX } from 'preact'
import type { LoadOptions, Slot } from '../../sdk.ts'
import { useYard } from '../../yard/context.ts'
import type { SwitchView } from '../../yard/fold.ts'
import { closed } from './strip-memory.ts'
import { SwitchStrip } from './switch-strip.tsx'
import { gaveWayTo, stripOf } from './which-strip.ts'

export function useStrip(slot: ReadonlySignal<Slot | undefined>): ReadonlySignal<SwitchView | undefined> {
  const { switches } = useYard()
  return useComputed(() => stripOf(switches.value, slot.value, closed.value))
}

export interface SlotStripProps {
  readonly slot: ReadonlySignal<Slot | undefined>
  readonly strip: ReadonlySignal<SwitchView | undefined>
  readonly onTry: (ref: string, load?: LoadOptions) => void
  readonly onClosed: () => void
}

export function SlotStrip({ slot, strip, onTry, onClosed }: SlotStripProps): JSX.Element | null {
  const { switches, models } = useYard()
  const { value: view } = strip
  if (!view) return null
  return (
    <SwitchStrip
      key={view.record.id}
      view={view}
      slot={slot.value}
      models={models.all.value ?? []}
      before={gaveWayTo(switches.value, view)}
      onTry={onTry}
      onClosed={onClosed}
    />
  )
}
