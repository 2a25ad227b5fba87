import type { JSX } from 'preact'
import { text } from '../../text/text.ts'

export function SettingsPanel(): JSX.Element {
  return (
    <div class="stack">
      <h1>{text.settings.title}</h1>
    </div>
  )
}
