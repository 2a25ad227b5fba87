/** Light or dark: as the system says, or as was chosen here. */
import { effect, signal } from '@preact/signals'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const key = 'modelyard.theme'

const kept = globalThis.localStorage?.getItem(key)
export const theme = signal<Theme>(themes.find((one) => one === kept) ?? 'system')

export function followTheme(root: HTMLElement): void {
  effect(() => {
    const { value } = theme
    localStorage.setItem(key, value)
    if (value === 'system') delete root.dataset.theme
    else root.dataset.theme = value
  })
}
