/** What is to serve the slots of a model that is removed: another chat model, or nothing. */
import type { Signal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Model } from '../../sdk.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Choice } from '../../ui/choice.tsx'
import { useYard } from '../../yard/context.ts'
import { type Choice as Chosen, emptySlot, replacementsOf } from './removal-plan.ts'

export interface ReplacementChoiceProps {
  readonly model: Model
  readonly chosen: Signal<Chosen>
}

export function ReplacementChoice({ model: { ref, slots }, chosen }: ReplacementChoiceProps): JSX.Element {
  const words = text.models.remove
  const { models } = useYard()
  const others = replacementsOf(models.all.value ?? [], ref)
  const { replacement } = chosen.value
  return (
    <div class="stack">
      <p>{slots.length === 0 ? words.inUseUnnamed : words.inUse(slots.join(', '))}</p>
      <Choice
        label={words.replacement}
        isLabelled
        value={replacement}
        options={[
          { value: '', label: words.choose },
          ...others.map((one) => ({
            value: one.ref,
            label: one.loaded.length > 0 ? words.loadedMark(shown(one.ref, 120)) : shown(one.ref, 120),
          })),
          { value: emptySlot, label: words.empty },
        ]}
        onChange={(value) => {
          chosen.value = { ...chosen.value, replacement: value }
        }}
      />
      {replacement !== '' && <p class="small muted">{replacement === emptySlot ? words.emptyWhat : words.switchFirst}</p>}
    </div>
  )
}
