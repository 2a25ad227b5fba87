import type { JSX } from 'preact'
import { text } from '../../text/text.ts'

export function ActivityPanel(): JSX.Element {
  return (
    <div class="stack">
      <h1>{text.activity.title}</h1>
    </div>
  )
}
