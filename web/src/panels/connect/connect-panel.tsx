import type { JSX } from 'preact'
import { text } from '../../text/text.ts'

export function ConnectPanel(): JSX.Element {
  return (
    <div class="stack">
      <h1>{text.connect.title}</h1>
    </div>
  )
}
