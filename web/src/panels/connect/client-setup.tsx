/** One client: its token, made on the spot, and the lines to paste. */
import { useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import type { NewToken } from '../../sdk.ts'
import { text } from '../../text/text.ts'
import { useYard } from '../../yard/context.ts'
import { serviceAddress } from './address.ts'
import { ClientLines } from './client-lines.tsx'
import { type ClientGuide, clients, guideOf } from './clients.ts'
import { MakeToken } from './make-token.tsx'
import { OwnSlot } from './own-slot.tsx'

export interface ClientSetupProps {
  /** The names of all tokens. */
  readonly taken: readonly string[]
  readonly made: Readonly<Record<string, NewToken>>
  readonly onMade: (client: string, token: NewToken) => void
}

export function ClientSetup({ taken, made, onMade }: ClientSetupProps): JSX.Element {
  const { slots } = useYard()
  const id = useSignal<string>(clients[0].id)
  const chosenSlot = useSignal('')
  const guide: ClientGuide = guideOf(id.value)
  const names = useComputed(() => slots.value.map(({ slot }) => slot))
  const possible = guide.ownSlot === undefined ? names.value : names.value.filter((one) => one !== 'default')
  const slot = possible.includes(chosenSlot.value) ? chosenSlot.value : (possible[0] ?? guide.ownSlot ?? 'default')
  const token = made[guide.id]
  const words = text.connect.guide
  return (
    <section class="stack client-setup" aria-labelledby="connect-client">
      <h2 id="connect-client">{words.title}</h2>
      <div class="choices">
        <Choice
          label={words.client}
          value={id.value}
          options={clients.map((one) => [one.id, one.name])}
          onChoose={(value) => {
            id.value = value
          }}
        />
        <Choice
          label={words.slot}
          value={slot}
          options={(possible.length > 0 ? possible : [slot]).map((one) => [one, one])}
          onChoose={(value) => {
            chosenSlot.value = value
          }}
        />
      </div>
      {guide.ownSlot !== undefined && possible.length === 0 && <OwnSlot slot={guide.ownSlot} />}
      <MakeToken key={guide.id} wanted={guide.tokenName} taken={taken} made={token} onMade={(one) => onMade(guide.id, one)} />
      <ClientLines guide={guide} place={{ address: serviceAddress(location), token: token?.token ?? text.connect.placeholder, slot }} />
    </section>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly options: readonly (readonly [value: string, name: string])[]
  readonly onChoose: (value: string) => void
}

function Choice({ label, value, options, onChoose }: ChoiceProps): JSX.Element {
  const id = useId()
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      <select id={id} class="input" value={value} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        {options.map(([one, name]) => (
          <option key={one} value={one}>
            {name}
          </option>
        ))}
      </select>
    </div>
  )
}
