/** What can be pressed. A button that cannot be pressed now says why, and can still be reached by keyboard. */
import type { ComponentChildren, JSX } from 'preact'
import { Icon, type IconName } from './icons.tsx'

export interface ButtonProps {
  readonly onPress: () => void
  readonly children?: ComponentChildren
  readonly icon?: IconName
  /** The accessible name of a button that shows an icon alone. */
  readonly label?: string
  readonly look?: 'primary' | 'danger' | 'quiet'
  /** Why it cannot be pressed. */
  readonly unavailable?: string | undefined
  readonly pressed?: boolean
  readonly expanded?: boolean
  readonly type?: 'button' | 'submit'
  readonly autofocus?: boolean
}

export function Button({
  onPress,
  children,
  icon,
  label,
  look,
  unavailable,
  pressed,
  expanded,
  type = 'button',
  autofocus,
}: ButtonProps): JSX.Element {
  const alone = children === undefined
  return (
    <button
      type={type}
      class={`button ${look ?? ''} ${alone ? 'icon' : ''}`}
      aria-label={label}
      title={unavailable ?? (alone ? label : undefined)}
      aria-disabled={unavailable !== undefined}
      aria-pressed={pressed}
      aria-expanded={expanded}
      autofocus={autofocus}
      onClick={(event) => {
        // Nor does it send its form.
        if (unavailable === undefined) onPress()
        else event.preventDefault()
      }}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  )
}
