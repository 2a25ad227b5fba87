/** What a screen reader is told when something happened elsewhere than where it reads: outcomes, and progress in coarse steps. */
import { signal } from '@preact/signals'
import type { JSX } from 'preact'

const said = signal({ words: '', count: 0 })

/** Said once the reader is free; the last of several in one moment wins. */
export function announce(words: string): void {
  said.value = { words, count: said.value.count + 1 }
}

export function Announcer(): JSX.Element {
  const { words, count } = said.value
  // The same words again are only news to a reader when the text differs.
  return (
    <div class="unseen" role="status" aria-live="polite">
      {words}
      {count % 2 === 1 ? '\u00a0' : ''}
    </div>
  )
}
