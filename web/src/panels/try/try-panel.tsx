import type { JSX } from 'preact'
import { text } from '../../text/text.ts'

export function TryPanel(): JSX.Element {
  return (
    <div class="stack">
      <h1>{text.try.title}</h1>
    </div>
  )
}
