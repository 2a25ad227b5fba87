/** The engines: what each is in, where it is, and what to do where it does not answer. */
import type { JSX } from 'preact'
import type { ProviderInfo, ProviderState } from '../sdk.ts'
import { shown } from '../text/shown.ts'
import { text } from '../text/text.ts'
import { useYard } from '../yard/context.ts'
import { announce } from './announcer.tsx'
import { Button } from './button.tsx'
import { abilities, canStart } from './engine-words.ts'
import { Mark, type Tone } from './mark.tsx'
import { ErrorNote } from './note.tsx'
import { useCall } from './use-call.ts'

const tones: Readonly<Record<ProviderState, Tone>> = {
  ready: 'good',
  starting: 'plain',
  stopped: 'muted',
  unreachable: 'warn',
  not_installed: 'muted',
  impostor: 'bad',
  unauthorized: 'bad',
  disabled: 'muted',
}

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
        <Mark tone={tones[state]}>{text.states.provider[state]}</Mark>
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

function StartEngine({ id }: { readonly id: string }): JSX.Element {
  const { verbs } = useYard()
  const words = text.settings.engines
  const start = useCall()
  const press = (): void =>
    void start.run(async () => {
      await verbs.providers.start(id)
      announce(words.started(id))
    })
  return (
    <>
      <Button icon="play" label={words.startOf(id)} onPress={press} unavailable={start.running.value ? words.starting : undefined}>
        {words.start}
      </Button>
      {start.running.value && <span class="muted small">{words.starting}</span>}
      {start.error.value !== undefined && <ErrorNote title={words.startFailed(id)} error={start.error.value} onClose={start.clear} />}
    </>
  )
}
