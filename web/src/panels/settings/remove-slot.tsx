/** The question before a slot goes. */
import type { JSX } from 'preact'
import type { Slot } from '../../sdk.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { announce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ErrorNote } from '../../ui/note.tsx'
import { useCall } from '../../ui/use-call.ts'
import { useYard } from '../../yard/context.ts'

export interface RemoveSlotProps {
  readonly slot: Slot
  /** The configuration file names it. */
  readonly comesBack: boolean
  readonly onClose: () => void
}

export function RemoveSlot({ slot, comesBack, onClose }: RemoveSlotProps): JSX.Element {
  const { verbs } = useYard()
  const words = text.settings.slots
  const remove = useCall()
  const press = (): void =>
    void remove.run(async () => {
      await verbs.slots.remove(slot.slot)
      announce(words.removed(slot.slot))
      onClose()
    })
  return (
    <Dialog
      title={words.ask(slot.slot)}
      onClose={onClose}
      ends={
        <>
          <Button onPress={onClose} autofocus>
            {text.common.cancel}
          </Button>
          <Button look="danger" onPress={press} unavailable={remove.running.value ? text.common.loading : undefined}>
            {words.remove}
          </Button>
        </>
      }
    >
      {slot.model !== undefined && <p class="name">{words.serves(shown(slot.model))}</p>}
      <p>{words.goes}</p>
      {comesBack && <p>{words.comesBack}</p>}
      {remove.error.value !== undefined && <ErrorNote title={words.removeFailed} error={remove.error.value} />}
    </Dialog>
  )
}
