/** A choice among a few, saved when it is made. */
import type { JSX } from 'preact'
import { useId, useRef } from 'preact/hooks'
import { text } from '../../text/text.ts'
import { announce } from '../../ui/announcer.tsx'
import { ErrorNote } from '../../ui/note.tsx'
import { useCall } from '../../ui/use-call.ts'
import { SavedMark, useSavedMark } from './saved-mark.tsx'

export interface SavedChoiceProps<T extends string> {
  readonly label: string
  /** Its accessible name where the label alone does not tell. */
  readonly name: string
  readonly value: T
  readonly options: Readonly<Record<T, string>>
  /** What the one that is chosen means. */
  readonly hint?: string
  readonly save: (value: T) => Promise<unknown>
}

export function SavedChoice<T extends string>({ label, name, value, options, hint, save }: SavedChoiceProps<T>): JSX.Element {
  const field = useId()
  const call = useCall()
  const mark = useSavedMark()
  const names = Object.keys(options) as T[]
  const inForce = useRef(value)
  inForce.current = value
  const choose = (select: HTMLSelectElement): void => {
    const chosen = names.find((one) => one === select.value)
    if (chosen === undefined || (chosen === value && !call.running.peek())) return
    void call.next(async () => {
      try {
        await save(chosen)
      } catch (error) {
        // What was refused is not chosen.
        select.value = inForce.current
        throw error
      }
      announce(text.settings.savedWhat(name))
      mark.show()
    })
  }
  return (
    <div class="field saved-field">
      <label class="label" for={field}>
        {label}
      </label>
      <div class="row">
        <select id={field} class="input" aria-label={name} value={value} onChange={({ currentTarget }) => choose(currentTarget)}>
          {names.map((one) => (
            <option key={one} value={one}>
              {options[one]}
            </option>
          ))}
        </select>
        <SavedMark mark={mark} />
      </div>
      {call.error.value !== undefined && <ErrorNote title={text.settings.notSaved(label)} error={call.error.value} onClose={call.clear} />}
      {hint !== undefined && <p class="muted small">{hint}</p>}
    </div>
  )
}
