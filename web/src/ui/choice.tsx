/** One of several, in the platform's own list. */
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'

export interface ChoiceProps {
  /** Its accessible name; shown before it where `isLabelled`. */
  readonly label: string
  readonly value: string
  readonly options: readonly { readonly value: string; readonly label: string }[]
  readonly onChange: (value: string) => void
  readonly isLabelled?: boolean
}

export function Choice({ label, value, options, onChange, isLabelled = false }: ChoiceProps): JSX.Element {
  const id = useId()
  const select = (
    <select
      id={id}
      class="input choice"
      aria-label={isLabelled ? undefined : label}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    >
      {options.map((one) => (
        <option key={one.value} value={one.value}>
          {one.label}
        </option>
      ))}
    </select>
  )
  if (!isLabelled) return select
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      {select}
    </div>
  )
}
