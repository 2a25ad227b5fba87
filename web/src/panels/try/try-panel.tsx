/** A conversation through a slot, as an app has one: its target may change underneath, and that is seen. */
import type { JSX } from 'preact'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { chosenSlot } from '../../yard/chosen-slot.ts'
import { useYard } from '../../yard/context.ts'
import { slotMeant } from '../../yard/slot-meant.ts'
import { Composer } from './composer.tsx'
import { conversationOf } from './conversation-of.ts'
import { Log } from './log.tsx'

export function TryPanel(): JSX.Element {
  const yard = useYard()
  const conversation = conversationOf(yard)
  const slot = slotMeant(yard.slots.value, chosenSlot.value)
  const stopByKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !conversation.running.value) return
    event.preventDefault()
    conversation.stop()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape stops from wherever the focus is inside
    <div class="try-panel" onKeyDown={stopByKey}>
      <div class="head row">
        <h1>{text.try.title}</h1>
        {slot && yard.slots.value.length > 1 && <span class="muted name">{text.try.through(slot.slot)}</span>}
        {conversation.turns.value.length > 0 && (
          <Button look="quiet" icon="remove" onPress={conversation.clear}>
            {text.try.clear}
          </Button>
        )}
      </div>
      <Log conversation={conversation} slot={slot} />
      <Composer conversation={conversation} slot={slot} />
    </div>
  )
}
