/** Obeys the keys of the page. What they open comes when it is first asked for. */
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { actionOf, type KeyAction } from '../palette/keys.ts'
import { opened } from '../palette/opened.ts'
import { lazy } from '../ui/lazy.tsx'

const Nothing = (): null => null
const Palette = lazy(() => import('../palette/palette.tsx').then((one) => one.Palette), Nothing)
const KeysDialog = lazy(() => import('../palette/keys-dialog.tsx').then((one) => one.KeysDialog), Nothing)

const acts: Readonly<Record<KeyAction, () => void>> = {
  palette: () => {
    opened.value = 'palette'
  },
  keys: () => {
    opened.value = 'keys'
  },
  filter() {
    const field = document.querySelector<HTMLInputElement>('main [data-filter]')
    field?.focus()
    field?.select()
  },
}

export function Shortcuts(): JSX.Element | null {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const action = actionOf(event, isTyped(event))
      // Whatever is modal has the keyboard for itself.
      if (!action || event.defaultPrevented || document.querySelector('dialog[open]')) return
      event.preventDefault()
      acts[action]()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  if (opened.value === undefined) return null
  return <div class="late-part">{opened.value === 'palette' ? <Palette /> : <KeysDialog />}</div>
}

const isTyped = ({ target }: KeyboardEvent): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(?:input|textarea|select)$/i.test(target.tagName))
