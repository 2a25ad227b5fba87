/** The panel of the page: it moves the slot that is chosen in the bar above, and says what to do where there is no model at all. */
import { useComputed } from '@preact/signals'
import type { JSX } from 'preact'
import { lazy } from '../../ui/lazy.tsx'
import { chosenSlot } from '../../yard/chosen-slot.ts'
import { useYard } from '../../yard/context.ts'
import { slotMeant } from '../../yard/slot-meant.ts'
import { ModelSwitch } from './model-switch.tsx'

const FirstRun = lazy(() => import('../first-run/first-run.tsx').then((one) => one.FirstRun))

export function SwitchPanel(): JSX.Element {
  const { slots } = useYard()
  const slot = useComputed(() => slotMeant(slots.value, chosenSlot.value))
  return <ModelSwitch slot={slot} whenEmpty={FirstRun} />
}
