/** Whether the page is so narrow that rows take two lines: below 720 px, as in the styles. */
import { signal } from '@preact/signals'

const query = globalThis.matchMedia?.('(width < 720px)')
const narrow = signal(query?.matches ?? false)
query?.addEventListener('change', ({ matches }) => {
  narrow.value = matches
})

export const useNarrow = (): boolean => narrow.value
