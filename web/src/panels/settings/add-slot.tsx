/** One more slot, by its name. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import { text } from '../../text/text.ts'
import { announce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorNote } from '../../ui/note.tsx'
import { useCall } from '../../ui/use-call.ts'
import { useYard } from '../../yard/context.ts'
import { slotNameFault } from './slot-name.ts'

export function AddSlot({ taken }: { readonly taken: readonly string[] }): JSX.Element {
  const { verbs } = useYard()
  const words = text.settings.slots
  const name = useSignal('')
  const ids = { field: useId(), fault: useId() }
  const add = useCall()
  const fault = slotNameFault(name.value, taken)
  const said = name.value === '' ? undefined : fault
  const submit = (): void => {
    const wanted = name.value
    if (fault !== undefined) return
    void add.run(async () => {
      await verbs.slots.put(wanted)
      name.value = ''
      announce(words.added(wanted))
    })
  }
  return (
    <form
      class="field"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <label class="label" for={ids.field}>
        {words.addName}
      </label>
      <div class="row">
        <input
          id={ids.field}
          class="input"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          maxLength={32}
          value={name.value}
          aria-invalid={said !== undefined}
          aria-describedby={said === undefined ? undefined : ids.fault}
          onInput={({ currentTarget }) => {
            name.value = currentTarget.value
          }}
        />
        <Button type="submit" icon="add" onPress={() => {}} unavailable={add.running.value ? text.common.loading : fault && words[fault]}>
          {words.addButton}
        </Button>
      </div>
      {said !== undefined && (
        <p id={ids.fault} class="small fault">
          {words[said]}
        </p>
      )}
      {add.error.value !== undefined && <ErrorNote title={words.addFailed} error={add.error.value} onClose={add.clear} />}
    </form>
  )
}
