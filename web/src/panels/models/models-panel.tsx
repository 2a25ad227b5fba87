import type { JSX } from 'preact'
import { text } from '../../text/text.ts'

export function ModelsPanel(): JSX.Element {
  return (
    <div class="stack">
      <h1>{text.models.title}</h1>
    </div>
  )
}
