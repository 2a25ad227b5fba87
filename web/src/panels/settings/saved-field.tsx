/**
 * A field whose change is saved at once: by Enter or by leaving it. What cannot be saved stays in the field, with the
 * reason; what another window changed meanwhile is said and not lost.
 */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import { text } from '../../text/text.ts'
import { announce } from '../../ui/announcer.tsx'
import { ErrorNote } from '../../ui/note.tsx'
import { useCall } from '../../ui/use-call.ts'
import type { Read } from './read-number.ts'
import { SavedMark, useSavedMark } from './saved-mark.tsx'

export interface SavedFieldProps<T> {
  readonly label: string
  /** Its accessible name where the label alone does not tell. */
  readonly name?: string
  readonly hint: string
  readonly unit?: string
  /** What is in force, as it stands in the field. */
  readonly value: string
  /** What an empty value means, in the field. */
  readonly placeholder?: string
  readonly read: (typed: string) => Read<T>
  readonly save: (value: T) => Promise<unknown>
}

export function SavedField<T>({ label, name, hint, unit, value, placeholder, read, save }: SavedFieldProps<T>): JSX.Element {
  const words = text.settings
  const ids = { field: useId(), hint: useId(), fault: useId() }
  /** What was typed and is not saved, and what was in force when that began. */
  const draft = useSignal<{ readonly typed: string; readonly over: string } | undefined>(undefined)
  /** What was saved stands in the field until it is heard what is in force now. */
  const saved = useSignal<{ readonly typed: string; readonly over: string } | undefined>(undefined)
  const inForce = saved.value?.over === value ? saved.value.typed : value
  const fault = useSignal<string | undefined>(undefined)
  const call = useCall()
  const mark = useSavedMark()
  const drop = (): void => {
    draft.value = undefined
    fault.value = undefined
    call.clear()
  }
  const commit = (): void => {
    const { value: now } = draft
    if (now === undefined || call.running.peek()) return
    if (now.typed === inForce) return drop()
    const answer = read(now.typed)
    fault.value = 'fault' in answer ? answer.fault : undefined
    if ('fault' in answer) return
    void call.run(async () => {
      await save(answer.value)
      saved.value = { typed: now.typed, over: value }
      if (draft.value?.typed === now.typed) drop()
      announce(words.savedWhat(name ?? label))
      mark.show()
    })
  }
  const keys: Readonly<Record<string, () => void>> = { Enter: commit, Escape: drop }
  const isOver = draft.value !== undefined && draft.value.over !== value && draft.value.typed !== value && !call.running.value
  return (
    <div class="field saved-field">
      <label class="label" for={ids.field}>
        {label}
      </label>
      <div class="row">
        <input
          id={ids.field}
          class="input number"
          inputMode="decimal"
          autocomplete="off"
          aria-label={name}
          value={draft.value?.typed ?? inForce}
          placeholder={placeholder}
          aria-invalid={fault.value !== undefined}
          aria-describedby={`${ids.hint} ${fault.value === undefined ? '' : ids.fault}`}
          onInput={({ currentTarget }) => {
            draft.value = { typed: currentTarget.value, over: draft.value?.over ?? value }
          }}
          onBlur={() => !isOver && commit()}
          onKeyDown={(event) => keys[event.key]?.()}
        />
        {unit !== undefined && <span class="muted">{unit}</span>}
        <SavedMark mark={mark} />
      </div>
      {fault.value !== undefined && (
        <p id={ids.fault} class="small fault">
          {fault.value}
        </p>
      )}
      {isOver && <p class="small fault">{words.elsewhere(value === '' ? (placeholder ?? '') : value)}</p>}
      {call.error.value !== undefined && <ErrorNote title={words.notSaved(label)} error={call.error.value} onClose={call.clear} />}
      <p id={ids.hint} class="muted small">
        {hint}
      </p>
    </div>
  )
}
