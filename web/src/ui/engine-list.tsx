/** The engines: what each is in, where it is, and what to do where it does not answer. */
import type { JSX } from 'preact'
import type { ProviderInfo } from '../sdk.ts'
import { shown } from '../text/shown.ts'
import { text } from '../text/text.ts'
import { useYard } from '../yard/context.ts'
import { canStart } from './can-start.ts'
import { abilities, engineTones } from './engine-words.ts'
import { Mark } from './mark.tsx'
import { StartEngine } from './start-engine.tsx'

/** `brief`: without what each can do. */
export function EngineList({ brief = false }: { readonly brief?: boolean }): JSX.Element {
  const { providers } = useYard()
  if (providers.value.length === 0) return <p class="muted">{text.settings.engines.none}</p>
  return (
    <ul class="engine-list">
      {providers.value.map((one) => (
        <Engine key={one.id} engine={one} brief={brief} />
      ))}
    </ul>
  )
}

function Engine({ engine, brief }: { readonly engine: ProviderInfo; readonly brief: boolean }): JSX.Element {
  const words = text.settings.engines
  const { id, state, baseUrl, version, error, hint, loaded, capabilities } = engine
  return (
    <li class="engine">
      <div class="row">
        <strong class="name">{id}</strong>
        <Mark tone={engineTones[state]}>{text.states.provider[state]}</Mark>
        {baseUrl !== undefined && <code class="muted name">{shown(baseUrl, 200)}</code>}
        {version !== undefined && <span class="muted name">{words.version(shown(version, 60))}</span>}
        {loaded.length > 0 && <span class="muted">{words.loaded(loaded.length)}</span>}
        {canStart(state, capabilities) && <StartEngine id={id} />}
      </div>
      {error && state !== 'ready' && <p class="small name">{shown(error.message)}</p>}
      {hint !== undefined && state !== 'ready' && <p class="small muted name">{shown(hint)}</p>}
      {!brief && state !== 'disabled' && (
        <details>
          <summary class="small muted">{words.can}</summary>
          <ul class="abilities small">
            {abilities(capabilities).map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </details>
      )}
    </li>
  )
}
