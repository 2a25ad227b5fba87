import type { JSX } from 'preact'
import { text } from '../../text/text.ts'

export function GetPanel(): JSX.Element {
  return (
    <div class="stack">
      <h1>{text.get.title}</h1>
    </div>
  )
}
