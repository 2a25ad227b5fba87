/** Light or dark: as the system says, or as was chosen here. */
import { effect, signal } from '@preact/signals'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const key = 'modelyard.theme'

export const theme = signal<Theme>(themes.find((one) => one === kept()) ?? 'system')

export function followTheme(root: HTMLElement): void {
  effect(() => {
    const { value } = theme
    keep(value)
    if (value === 'system') delete root.dataset.theme
    else root.dataset.theme = value
  })
}

function keep(value: Theme): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // A window without storage: it is remembered until it closes.
  }
}

function kept(): string | null {
  try {
    return globalThis.localStorage?.getItem(key) ?? null
  } catch {
    return null
  }
}
