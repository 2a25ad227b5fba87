/** One load option in a field, with what may stand in it. */
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import { text } from '../../text/text.ts'
import type { LoadField } from './load-form.ts'
import type { LoadFormView } from './use-load-form.ts'

export interface OptionFieldProps {
  readonly form: LoadFormView
  readonly field: LoadField
  readonly label: string
  readonly hint: string
}

export function OptionField({ form, field, label, hint }: OptionFieldProps): JSX.Element {
  const id = useId()
  const isFaulty = form.faults.value.includes(field)
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      <input
        id={id}
        class="input"
        inputMode={field === 'keepAlive' ? undefined : 'numeric'}
        autocomplete="off"
        spellcheck={false}
        placeholder={text.models.options.engineChooses}
        aria-invalid={isFaulty}
        aria-describedby={`${id}-hint`}
        value={form.fields.value[field]}
        onInput={({ currentTarget }) => form.set(field, currentTarget.value)}
      />
      <span id={`${id}-hint`} class={`small ${isFaulty ? 'fault' : 'muted'}`}>
        {isFaulty ? text.models.options.faults[field] : hint}
      </span>
    </div>
  )
}
