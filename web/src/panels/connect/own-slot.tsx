/** For a client to which `default` means something else: a slot of another name, made here. */
import type { JSX } from 'preact'
import { text } from '../../text/text.ts'
import { announce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorNote, Note } from '../../ui/note.tsx'
import { useCall } from '../../ui/use-call.ts'
import { useYard } from '../../yard/context.ts'

export function OwnSlot({ slot }: { readonly slot: string }): JSX.Element {
  const { verbs } = useYard()
  const words = text.connect.guide
  const add = useCall()
  const press = (): void =>
    void add.run(async () => {
      await verbs.slots.put(slot)
      announce(words.slotAdded(slot))
    })
  return (
    <Note>
      <p>{words.ownSlot(slot)}</p>
      {add.error.value !== undefined && <ErrorNote error={add.error.value} onClose={add.clear} />}
      <div>
        <Button icon="add" onPress={press} unavailable={add.running.value ? text.common.loading : undefined}>
          {words.addSlot(slot)}
        </Button>
      </div>
    </Note>
  )
}
