/** No model anywhere: what to do first. */
import type { JSX } from 'preact'
import { addressOf } from '../../route.ts'
import { text } from '../../text/text.ts'

export function FirstRun(): JSX.Element {
  return (
    <p>
      <a href={addressOf('get')}>{text.panels.get}</a>
    </p>
  )
}
