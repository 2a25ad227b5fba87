/** Under the list: which engine says nothing, why, and what to do. */
import { useComputed } from '@preact/signals'
import type { JSX } from 'preact'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Mark } from '../../ui/mark.tsx'
import { StartEngine } from '../../ui/start-engine.tsx'
import { useYard } from '../../yard/context.ts'
import { type Silent, silentOf } from './silent.ts'

const words = text.switch

/** `brief`: why is told on request. */
export function SilentEngines({ brief }: { readonly brief: boolean }): JSX.Element | null {
  const { providers, models } = useYard()
  const silent = useComputed(() => silentOf(providers.value, models.outcomes.value))
  if (silent.value.length === 0) return null
  return (
    <ul class="silent-engines" aria-label={words.silentList}>
      {silent.value.map((one) => (
        <SilentEngine key={one.id} engine={one} brief={brief} />
      ))}
    </ul>
  )
}

interface SilentEngineProps {
  readonly engine: Silent
  readonly brief: boolean
}

function SilentEngine({ engine, brief }: SilentEngineProps): JSX.Element {
  const { id, state, canStart } = engine
  const why = state === 'ready' ? words.listFailed : text.states.provider[state]
  const head = (
    <Mark tone="warn" {...(state === 'starting' && { icon: 'working' as const })}>
      {words.silent(id, why)}
    </Mark>
  )
  return (
    <li>
      {brief ? (
        <details>
          <summary>{head}</summary>
          <Why engine={engine} />
        </details>
      ) : (
        <>
          {head}
          <Why engine={engine} />
        </>
      )}
      {canStart && <StartEngine id={id} />}
    </li>
  )
}

const Why = ({ engine: { message, hint } }: { readonly engine: Silent }): JSX.Element => (
  <p class="why small">
    {message !== undefined && <span class="name">{shown(message, 300)} </span>}
    {hint !== undefined && <span class="name muted">{shown(hint, 300)}</span>}
  </p>
)
