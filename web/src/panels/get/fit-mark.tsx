/** Whether it fits here, in a word; the arithmetic for whoever asks. */
import type { JSX } from 'preact'
import type { Fit } from '../../sdk.ts'
import { shown } from '../../text/shown.ts'
import { Icon } from '../../ui/icons.tsx'
import { Mark } from '../../ui/mark.tsx'
import { fitWords } from './plan-words.ts'

export interface FitMarkProps {
  readonly fit: Fit | undefined
  readonly complete?: boolean
}

export function FitMark({ fit, complete = true }: FitMarkProps): JSX.Element {
  const { tone, text: verdict } = fitWords(fit, complete)
  if (!fit || !complete) return <Mark tone={tone}>{verdict}</Mark>
  return (
    <details class="fit-mark">
      <summary>
        <Mark tone={tone}>{verdict}</Mark>
        <Icon name="chevron" />
      </summary>
      <p class="small muted name">{shown(fit.text)}</p>
    </details>
  )
}
