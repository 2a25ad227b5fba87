/**
 * What a screen reader is told when something happened elsewhere than where it reads: outcomes, and progress in coarse
 * steps. Whatever can be read alone (the page, an element, a dialog) has a region; the one that was drawn last speaks.
 */
import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'

interface Said {
  readonly words: string
  readonly count: number
  readonly by?: object | undefined
  readonly at: number
}

const regions: object[] = []
const said = signal<Said>({ words: '', count: 0, at: 0 })
/** Words that go away sooner than this, with their dialog, have not been heard. */
const heardMs = 1000

/** What is said in one moment is heard together: the words before it would be lost with the change of the text. */
const momentMs = 300
const mostChars = 1000
/** Then nothing is left of it: who walks through the page later would take it for what is so. */
const staysMs = 10_000
let fading: ReturnType<typeof setTimeout> | undefined

/** Said once the reader is free. `instead`: of what was said a moment ago, which is not so any more. */
export function announce(words: string, { instead = false }: { readonly instead?: boolean } = {}): void {
  const before = said.peek()
  const [by, at] = [regions.at(-1), Date.now()]
  const isTogether =
    !instead &&
    before.words !== '' &&
    before.by === by &&
    at - before.at < momentMs &&
    before.words !== words &&
    before.words.length < mostChars
  said.value = { words: isTogether ? `${before.words} ${words}` : words, count: before.count + 1, by, at }
  clearTimeout(fading)
  fading = setTimeout(() => {
    said.value = { ...said.peek(), words: '' }
  }, staysMs)
}

export function Announcer(): JSX.Element {
  const [region] = useState(() => ({}))
  useLayoutEffect(() => {
    regions.push(region)
    return () => {
      regions.splice(regions.indexOf(region), 1)
      const { by, at, words } = said.peek()
      if (by === region && Date.now() - at < heardMs) announce(words)
    }
  }, [region])
  const { words, count, by } = said.value
  // The same words again are only news to a reader when the text differs.
  return (
    <div class="unseen" role="status" aria-live="polite">
      {by === region && words !== '' && words + (count % 2 === 1 ? '\u00a0' : '')}
    </div>
  )
}
