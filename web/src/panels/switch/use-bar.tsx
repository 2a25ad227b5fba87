/** The model that is meant, by its whole name, and the button that uses it: what the rows can only hint at. */
import type { JSX } from 'preact'
import type { Model, Slot } from '../../sdk.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'

export interface UseBarProps {
  readonly model: Model | undefined
  readonly slot: Slot | undefined
  readonly onUse: (ref: string) => void
}

export function UseBar({ model, slot, onUse }: UseBarProps): JSX.Element {
  if (!slot) return <p class="use-bar muted">{text.switch.noSlot}</p>
  const { slot: name } = slot
  if (!model) return <p class="use-bar muted">{text.switch.choose(name)}</p>
  return (
    <div class="use-bar">
      <span class="name">
        <strong>{shown(model.name, 200)}</strong> <span class="muted">{model.provider}</span>
      </span>
      <span class="muted">{text.switch.puts(name)}</span>
      <Button look="primary" label={text.switch.useNamed(shown(model.name, 200))} onPress={() => onUse(model.ref)}>
        {text.switch.use}
      </Button>
    </div>
  )
}
