/** Something that has to be said in the place where it matters: what is so, why, and what to do. Stays until it is not so. */
import type { ComponentChildren, JSX } from 'preact'
import { ModelyardError } from '../sdk.ts'
import { shown } from '../text/shown.ts'
import { text } from '../text/text.ts'
import { Button } from './button.tsx'

export interface NoteProps {
  readonly tone?: 'good' | 'warn' | 'bad' | undefined
  readonly title?: ComponentChildren
  readonly children?: ComponentChildren
  readonly onClose?: (() => void) | undefined
}

export function Note({ tone, title, children, onClose }: NoteProps): JSX.Element {
  return (
    <div class={`note ${tone ?? ''}`}>
      {title !== undefined && <strong>{title}</strong>}
      {children}
      {onClose && (
        <div class="row">
          <Button onPress={onClose}>{text.common.close}</Button>
        </div>
      )}
    </div>
  )
}

export interface ErrorNoteProps {
  readonly error: unknown
  /** What failed, in our words. */
  readonly title?: ComponentChildren
  readonly onRetry?: (() => void) | undefined
  readonly onClose?: (() => void) | undefined
}

/** An error in its own words, with what to do. */
export function ErrorNote({ error, title, onRetry, onClose }: ErrorNoteProps): JSX.Element {
  const { message, hint } = ModelyardError.from(error)
  return (
    <Note tone="bad" title={title}>
      <p class="name">{shown(message)}</p>
      {hint !== '' && <p class="name muted">{shown(hint)}</p>}
      {(onRetry ?? onClose) && (
        <div class="row">
          {onRetry && <Button onPress={onRetry}>{text.common.tryAgain}</Button>}
          {onClose && <Button onPress={onClose}>{text.common.close}</Button>}
        </div>
      )}
    </Note>
  )
}
