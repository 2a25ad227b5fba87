/** Which of the two dialogs of the keyboard is open. */
import { signal } from '@preact/signals'

export const opened = signal<'palette' | 'keys' | undefined>(undefined)
export const close = (): void => {
  opened.value = undefined
}
/** Of the keys: what is printed on them. */
export const isApple = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '')
