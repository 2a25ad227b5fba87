/** Which slot is asked; where there is one, its name. */
import type { JSX } from 'preact'
import { text } from '../../text/text.ts'
import { useYard } from '../../yard/context.ts'
import { chosenSlot } from './conversation-of.ts'

export function SlotSelect(): JSX.Element | null {
  const names = useYard().slots.value.map(({ slot }) => slot)
  if (names.length < 2) return null
  return (
    <label class="row">
      <span class="muted">{text.try.slot}</span>
      <select
        class="input name"
        value={chosenSlot.value}
        onChange={({ currentTarget }) => {
          chosenSlot.value = currentTarget.value
        }}
      >
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}
