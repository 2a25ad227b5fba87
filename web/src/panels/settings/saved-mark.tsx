/** Says for a moment, in the place of the change, that it is saved. */
import { type ReadonlySignal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { text } from '../../text/text.ts'
import { Mark } from '../../ui/mark.tsx'

const shownMs = 2500

export interface SavedSign {
  readonly seen: ReadonlySignal<boolean>
  show(): void
}

export function useSavedMark(): SavedSign {
  const seen = useSignal(false)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  return {
    seen,
    show() {
      clearTimeout(timer.current)
      seen.value = true
      timer.current = setTimeout(() => {
        seen.value = false
      }, shownMs)
    },
  }
}

export function SavedMark({ mark }: { readonly mark: SavedSign }): JSX.Element | null {
  if (!mark.seen.value) return null
  return (
    <Mark tone="good" icon="good">
      {text.settings.saved}
    </Mark>
  )
}
