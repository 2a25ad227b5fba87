/** No chat model anywhere: what was looked for and where, what to get, and what to type. */
import { useComputed } from '@preact/signals'
import type { JSX } from 'preact'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Command } from '../../ui/command.tsx'
import { EngineList } from '../../ui/engine-list.tsx'
import { LookAgain } from '../../ui/look-again.tsx'
import { useYard } from '../../yard/context.ts'
import { ModelOffers } from './model-offers.tsx'

export function FirstRun(): JSX.Element {
  const { providers } = useYard()
  const ready = useComputed(() => providers.value.filter(({ state }) => state === 'ready').map(({ id }) => shown(id, 60)))
  const words = text.firstRun
  const [first] = ready.value
  const names = ready.value.join(words.and)
  return (
    <div class="first-run">
      <section class="stack" aria-labelledby="first-run-title">
        <h2 id="first-run-title">{first === undefined ? words.noEngine : words.noModel}</h2>
        <p>{first === undefined ? words.noEngineWhat : ready.value.length === 1 ? words.noModelWhat(names) : words.noModelWhats(names)}</p>
        <EngineList brief />
        <div class="row">
          <LookAgain look="primary" />
          <span class="muted small">{words.itself}</span>
        </div>
      </section>
      <ModelOffers hasEngine={first !== undefined} />
      <Terminal />
    </div>
  )
}

function Terminal(): JSX.Element {
  const { providers } = useYard()
  const words = text.firstRun
  const lacksEmbedded = providers.value.some(({ kind, state }) => kind === 'embedded' && state === 'not_installed')
  return (
    <section class="stack" aria-labelledby="first-run-terminal">
      <h2 id="first-run-terminal">{words.terminal}</h2>
      {lacksEmbedded && (
        <>
          <p>{words.embedded}</p>
          <Command lines={words.embeddedCommand} />
        </>
      )}
      <p>{words.demo}</p>
      <Command lines={words.demoCommand} />
    </section>
  )
}
