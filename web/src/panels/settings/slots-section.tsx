/** The slots: how each is switched, one more, one less. */
import type { JSX } from 'preact'
import { text } from '../../text/text.ts'
import { useYard } from '../../yard/context.ts'
import { AddSlot } from './add-slot.tsx'
import { SlotCard } from './slot-card.tsx'

/** `inFile`: the slots that the configuration file names, which are there again after a start. */
export function SlotsSection({ inFile }: { readonly inFile: readonly string[] }): JSX.Element {
  const { slots } = useYard()
  const words = text.settings.slots
  return (
    <section class="stack" aria-labelledby="settings-slots">
      <h2 id="settings-slots">{words.title}</h2>
      <p class="muted">{words.lead}</p>
      {slots.value.map((slot) => (
        <SlotCard key={slot.slot} slot={slot} comesBack={inFile.includes(slot.slot)} />
      ))}
      <AddSlot taken={slots.value.map(({ slot }) => slot)} />
    </section>
  )
}
