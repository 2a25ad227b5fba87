/** Plots of the same time, and one place in it that the reader looks at: by pointer, or by the arrow keys. */
import type { Signal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { text } from '../../text/text.ts'

export interface CursorAreaProps {
  readonly count: number
  readonly cursor: Signal<number | undefined>
  /** What is there, in words. */
  readonly words: string
  readonly children: ComponentChildren
}

const page = 10

export function CursorArea({ count, cursor, words, children }: CursorAreaProps): JSX.Element {
  const last = count - 1
  const at = cursor.value ?? last
  const keys: Readonly<Record<string, number | undefined>> = {
    ArrowLeft: cursor.value === undefined ? last : at - 1,
    ArrowRight: at + 1,
    ArrowDown: at - 1,
    ArrowUp: at + 1,
    PageDown: at - page,
    PageUp: at + page,
    Home: 0,
    End: last,
    Escape: undefined,
  }
  const move = (event: KeyboardEvent): void => {
    if (!(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    const to = keys[event.key]
    cursor.value = to === undefined ? undefined : Math.min(last, Math.max(0, to))
  }
  const leave = (): void => {
    cursor.value = undefined
  }
  return (
    <div
      class="cursor-area"
      role="slider"
      tabIndex={0}
      aria-label={text.activity.time}
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={at}
      aria-valuetext={words}
      onKeyDown={move}
      onPointerLeave={leave}
      onBlur={leave}
    >
      {children}
    </div>
  )
}
