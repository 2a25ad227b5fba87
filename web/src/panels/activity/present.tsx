/** How things are now: what is not as it should be, first; then the engines in short. */
import type { JSX } from 'preact'
import { addressOf } from '../../route.ts'
import type { Drift, ProviderInfo } from '../../sdk.ts'
import { agoText, clockText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { now } from '../../ui/clock.ts'
import { engineTones } from '../../ui/engine-words.ts'
import { Mark } from '../../ui/mark.tsx'
import { Note } from '../../ui/note.tsx'
import { useYard } from '../../yard/context.ts'
import { retriesOf } from './retries.ts'

export function Present(): JSX.Element {
  const { drift, providers } = useYard()
  return (
    <section class="present stack" aria-label={text.activity.present}>
      {drift.value.map((one) => (
        <DriftNote key={one.id} drift={one} />
      ))}
      <ul class="engines" aria-label={text.activity.engines}>
        {providers.value.map((one) => (
          <Engine key={one.id} provider={one} />
        ))}
        <li>
          <a href={addressOf('settings')}>{text.panels.settings}</a>
        </li>
      </ul>
      <Retried />
    </section>
  )
}

function DriftNote({ drift: { slot, text: words, hint, since } }: { readonly drift: Drift }): JSX.Element {
  return (
    <Note tone="warn" title={<span class="name">{shown(words)}</span>}>
      <p class="name">{shown(hint)}</p>
      <p class="small muted name">{text.activity.since(agoText(since, now.value), slot)}</p>
    </Note>
  )
}

function Engine({ provider: { id, state, version, hint, error } }: { readonly provider: ProviderInfo }): JSX.Element {
  const said = state === 'ready' || state === 'disabled' ? undefined : (hint ?? error?.message)
  return (
    <li>
      <Mark tone={engineTones[state]}>
        <strong class="name">{id}</strong> {text.states.provider[state]}
      </Mark>
      {version !== undefined && <span class="muted small name clip">{shown(version, 40)}</span>}
      {said !== undefined && <span class="hint muted small name">{shown(said)}</span>}
    </li>
  )
}

function Retried(): JSX.Element | null {
  const { since, count, provider = '', reason = '' } = retriesOf(useYard()).value
  if (count === 0) return null
  return <p class="name">{text.activity.retried(count, clockText(since), provider, shown(reason, 200))}</p>
}
