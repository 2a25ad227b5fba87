/** A state: a colour, a sign and a word, never the colour alone. */
import type { ComponentChildren, JSX } from 'preact'
import { Icon, type IconName } from './icons.tsx'

export type Tone = 'good' | 'warn' | 'bad' | 'muted' | 'plain'

const signs: Readonly<Record<Tone, IconName>> = { good: 'filled', warn: 'warn', bad: 'bad', muted: 'empty', plain: 'empty' }

export interface MarkProps {
  readonly tone: Tone
  readonly icon?: IconName
  readonly children: ComponentChildren
}

export function Mark({ tone, icon, children }: MarkProps): JSX.Element {
  return (
    <span class={`mark ${tone}`}>
      <Icon name={icon ?? signs[tone]} />
      <span>{children}</span>
    </span>
  )
}
