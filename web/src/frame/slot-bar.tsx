/** One line for each slot, always there: what serves now, on which engine, since when it is proven, how busy it is. */
import type { JSX } from 'preact'
import type { Slot } from '../sdk.ts'
import { agoText } from '../text/numbers.ts'
import { text } from '../text/text.ts'
import { now } from '../ui/clock.ts'
import { Mark, type Tone } from '../ui/mark.tsx'
import { useYard } from '../yard/context.ts'

export function SlotBar(): JSX.Element {
  const { slots } = useYard()
  return (
    <section class="slot-bar" aria-label={text.frame.slots}>
      {slots.value.map((slot) => (
        <SlotLine key={slot.slot} slot={slot} />
      ))}
    </section>
  )
}

const tones: Readonly<Record<Slot['state'], Tone>> = {
  serving: 'good',
  switching: 'plain',
  empty: 'muted',
  unverified: 'warn',
  degraded: 'bad',
}

export function SlotLine({ slot }: { readonly slot: Slot }): JSX.Element {
  const { state, model, provider, verifiedAt, leases, waiting, idle, reason } = slot
  return (
    <div class={`slot-line ${state}`}>
      <span class="slot-name name clip">{slot.slot}</span>
      <Mark tone={tones[state]} {...(slot.switching !== undefined && { icon: 'working' as const })}>
        <span class="unseen">{text.states.slot[state]}: </span>
        <strong class="name">{model ?? text.slotBar.nothing}</strong>
      </Mark>
      {provider !== undefined && <span class="muted name">{provider}</span>}
      {state !== 'serving' && state !== 'empty' && <span class="muted">{text.states.slot[state]}</span>}
      {verifiedAt !== undefined && <span class="muted">{text.slotBar.verified(agoText(verifiedAt, now.value))}</span>}
      {idle === true && <span class="muted">{text.states.idle}</span>}
      {leases > 0 && <span class="muted number">{text.slotBar.running(leases)}</span>}
      {waiting > 0 && <span class="muted number">{text.slotBar.waiting(waiting)}</span>}
      {reason && state !== 'serving' && <span class="name small">{reason.message}</span>}
    </div>
  )
}
