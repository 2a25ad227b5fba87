/** The question before a slot goes. */
import type { JSX } from 'preact'
import type { Slot } from '../../sdk.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { announce } from '../../ui/announcer.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { useYard } from '../../yard/context.ts'

export interface RemoveSlotProps {
  readonly slot: Slot
  /** The configuration file names it. */
  readonly comesBack: boolean
  readonly onClose: () => void
}

export function RemoveSlot({ slot: { slot: name, model }, comesBack, onClose }: RemoveSlotProps): JSX.Element {
  const { verbs } = useYard()
  const words = text.settings.slots
  const remove = async (): Promise<void> => {
    await verbs.slots.remove(name)
    announce(words.removed(name))
  }
  return (
    <Confirm
      title={words.ask(name)}
      button={words.remove}
      working={words.removing}
      failed={words.removeFailed}
      work={remove}
      onClose={onClose}
    >
      {model !== undefined && <p class="name">{words.serves(shown(model))}</p>}
      <p>{words.goes}</p>
      {comesBack && <p>{words.comesBack}</p>}
    </Confirm>
  )
}
