/** One slot: how room is made, what happens after a start, how long is waited. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Slot, SlotSettings } from '../../sdk.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { useYard } from '../../yard/context.ts'
import { type Read, readNumber, readOptional } from './read-number.ts'
import { RemoveSlot } from './remove-slot.tsx'
import { SavedChoice } from './saved-choice.tsx'
import { SavedField } from './saved-field.tsx'

/** As the contract bounds them. */
const seconds = { least: 0, most: 86_400 }
const requests = { least: 1, most: 100_000, whole: true }
const readSeconds = (typed: string): Read<number> => readNumber(typed, seconds)

export interface SlotCardProps {
  readonly slot: Slot
  /** The configuration file names it. */
  readonly comesBack: boolean
}

export function SlotCard({ slot, comesBack }: SlotCardProps): JSX.Element {
  const { verbs } = useYard()
  const words = text.settings.slots
  const removing = useSignal(false)
  const { slot: name, policy, restore, queueSeconds, drainSeconds, maxRequests } = slot
  const of = (what: string): string => words.field(name, what)
  const save = (change: SlotSettings): Promise<unknown> => verbs.slots.put(name, change)
  return (
    <div class="card slot-card">
      <header class="row">
        <h3 class="name">{name}</h3>
        {name === 'default' ? (
          <span class="muted small">{words.stays}</span>
        ) : (
          <Button
            look="quiet"
            icon="remove"
            label={words.removeOf(name)}
            onPress={() => {
              removing.value = true
            }}
          >
            {words.remove}
          </Button>
        )}
      </header>
      <div class="fields-grid">
        <SavedChoice
          label={words.policy}
          name={of(words.policy)}
          value={policy}
          options={words.policies}
          hint={words.policyWhat[policy]}
          save={(value) => save({ policy: value })}
        />
        <SavedChoice
          label={words.restore}
          name={of(words.restore)}
          value={restore}
          options={words.restores}
          save={(value) => save({ restore: value })}
        />
        <SavedField
          label={words.queue}
          name={of(words.queue)}
          hint={words.queueHint}
          unit={words.seconds}
          value={String(queueSeconds)}
          read={readSeconds}
          save={(value) => save({ queueSeconds: value })}
        />
        <SavedField
          label={words.drain}
          name={of(words.drain)}
          hint={words.drainHint}
          unit={words.seconds}
          value={String(drainSeconds)}
          read={readSeconds}
          save={(value) => save({ drainSeconds: value })}
        />
        <SavedField
          label={words.requests}
          name={of(words.requests)}
          hint={words.requestsHint}
          value={maxRequests === null ? '' : String(maxRequests)}
          placeholder={words.noLimit}
          read={(typed) => readOptional(typed, requests)}
          save={(value) => save({ maxRequests: value })}
        />
      </div>
      {removing.value && (
        <RemoveSlot
          slot={slot}
          comesBack={comesBack}
          onClose={() => {
            removing.value = false
          }}
        />
      )}
    </div>
  )
}
