/** Uses a model in a slot, in one that is chosen where there are several; the switch is shown on its own panel. */
import type { JSX } from 'preact'
import { goTo } from '../../route.ts'
import type { Model } from '../../sdk.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { ErrorNote } from '../../ui/note.tsx'
import { useCall } from '../../ui/use-call.ts'
import { chooseSlot, chosenSlot } from '../../yard/chosen-slot.ts'
import { useYard } from '../../yard/context.ts'
import { slotMeant } from '../../yard/slot-meant.ts'
import { silentEngines } from './known-models.ts'

export function UseButton({ model: { ref, kind, provider } }: { readonly model: Model }): JSX.Element {
  const words = text.models.use
  const yard = useYard()
  const { verbs, slots } = yard
  const call = useCall()
  const names = slots.value.map((one) => one.slot)
  const slot = slotMeant(slots.value, chosenSlot.value)?.slot ?? 'default'
  const start = async (): Promise<void> => {
    await verbs.slot(slot).startSwitch(ref)
    goTo('switch')
  }
  const isSilent = silentEngines(yard).includes(provider)
  const cannot = isSilent ? text.models.silent.title(provider) : kind === 'chat' ? undefined : words.notChat
  return (
    <>
      <div class="row">
        <Button
          look="primary"
          icon="switch"
          onPress={() => void call.run(start)}
          unavailable={cannot ?? (call.running.value ? words.starting : undefined)}
        >
          {words.button}
        </Button>
        {names.length > 1 && kind === 'chat' && (
          <Choice
            label={words.slot}
            value={slot}
            options={names.map((name) => ({ value: name, label: words.inSlot(name) }))}
            onChange={chooseSlot}
          />
        )}
      </div>
      {call.error.value !== undefined && <ErrorNote error={call.error.value} title={words.failed} onClose={call.clear} />}
    </>
  )
}
