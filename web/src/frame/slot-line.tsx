/** A slot in one line: what serves now, on which engine, since when it is proven, how busy it is, and why not where it does not. */
import type { JSX } from 'preact'
import type { Slot } from '../sdk.ts'
import { agoText, dateTimeText } from '../text/numbers.ts'
import { shown } from '../text/shown.ts'
import { text } from '../text/text.ts'
import { now } from '../ui/clock.ts'
import { Mark, type Tone } from '../ui/mark.tsx'

const words = text.slotBar

export function SlotLine({ slot }: { readonly slot: Slot }): JSX.Element {
  return (
    <div class={`slot-line ${slot.state}`}>
      <SlotFacts slot={slot} />
    </div>
  )
}

const tones: Readonly<Record<Slot['state'], Tone>> = {
  serving: 'good',
  switching: 'plain',
  empty: 'muted',
  unverified: 'warn',
  degraded: 'bad',
}

export function SlotFacts({ slot }: { readonly slot: Slot }): JSX.Element {
  const { state, model, provider, verifiedAt, leases, waiting, idle, policy } = slot
  const proven = verifiedAt !== undefined && (state === 'serving' || state === 'switching')
  return (
    <>
      <span class="slot-name name clip">{slot.slot}</span>
      <Mark tone={tones[state]} {...(slot.switching !== undefined && { icon: 'working' as const })}>
        <span class="unseen">{text.states.slot[state]}: </span>
        <strong class="name">{model === undefined ? words.nothing : shown(model, 200)}</strong>
      </Mark>
      {provider !== undefined && <span class="muted name">{provider}</span>}
      {state !== 'serving' && state !== 'empty' && <span class={`state ${tones[state]}`}>{text.states.slot[state]}</span>}
      {proven && (
        <span class="muted" title={dateTimeText(verifiedAt)}>
          {words.verified(agoText(verifiedAt, now.value))}
        </span>
      )}
      {idle === true && <span class="muted">{text.states.idle}</span>}
      {leases > 0 && <span class="muted number">{words.running(leases)}</span>}
      {waiting > 0 && <span class="muted number">{words.waiting(waiting)}</span>}
      <span class="policy small muted" title={`${words.policyIs}: ${words.policies[policy]}`}>
        {words.policy(policy)}
      </span>
      <SlotReason slot={slot} />
    </>
  )
}

/** Why it does not serve, and what to do. */
function SlotReason({ slot: { state, reason } }: { readonly slot: Slot }): JSX.Element | null {
  if (!reason || state === 'serving') return null
  return (
    <span class={`reason small ${state}`}>
      {state === 'degraded' && <strong>{words.refused} </strong>}
      <span class="name">{shown(reason.message, 300)} </span>
      {reason.hint !== undefined && <span class="name hint">{shown(reason.hint, 300)}</span>}
    </span>
  )
}
