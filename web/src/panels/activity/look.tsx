/** How a model is drawn: its mark in its colour. */
import type { JSX } from 'preact'
import { marks } from './figures.ts'

export function Look({ look }: { readonly look: number }): JSX.Element {
  return (
    <svg class={`look series look-${look}`} viewBox="-5 -5 10 10" width="12" height="12" aria-hidden="true">
      <path d={marks[look]} />
    </svg>
  )
}
