/**
 * One line for each slot, always there: what serves now, on which engine, since when it is proven, how busy it is. Of
 * several slots one is chosen: the one that a "Use" moves.
 */
import { useSignalEffect } from '@preact/signals'
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import { tellNews } from '../panels/switch/switch-news.ts'
import { text } from '../text/text.ts'
import { chooseSlot, chosenSlot } from '../yard/chosen-slot.ts'
import { useYard } from '../yard/context.ts'
import { slotMeant } from '../yard/slot-meant.ts'
import { SlotFacts, SlotLine } from './slot-line.tsx'

export function SlotBar(): JSX.Element {
  const { slots, switches } = useYard()
  const group = useId()
  // A switch is news on every panel, and for every slot.
  useSignalEffect(() => {
    for (const view of switches.value) if (view.seen) tellNews(view)
  })
  const { value } = slots
  const chosen = slotMeant(value, chosenSlot.value)
  return (
    <section class="slot-bar" aria-label={text.frame.slots}>
      {value.length < 2 ? (
        value.map((slot) => <SlotLine key={slot.slot} slot={slot} />)
      ) : (
        <div role="radiogroup" aria-label={text.slotBar.choice}>
          {value.map((slot) => (
            <label key={slot.slot} class={`slot-line ${slot.state} ${slot === chosen ? 'chosen' : ''}`}>
              <input type="radio" name={group} checked={slot === chosen} onChange={() => chooseSlot(slot.slot)} />
              <SlotFacts slot={slot} />
            </label>
          ))}
        </div>
      )}
    </section>
  )
}
