/** Every model in memory, how much of it, until when, by whom, with a button to eject it. */
import type { JSX } from 'preact'
import { addressOf } from '../../route.ts'
import type { LoadedModel, ProviderInfo } from '../../sdk.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { announce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { now } from '../../ui/clock.ts'
import { ErrorNote } from '../../ui/note.tsx'
import { useCall } from '../../ui/use-call.ts'
import { useYard } from '../../yard/context.ts'
import { instanceText } from './instance-text.ts'

interface InMemory {
  readonly engine: ProviderInfo
  readonly one: LoadedModel
}

export function LoadedNow(): JSX.Element {
  const words = text.models.loaded
  const yard = useYard()
  const all = useCall()
  const ready = yard.providers.value.filter(({ state }) => state === 'ready')
  const inMemory = ready.flatMap((engine) => engine.loaded.map((one): InMemory => ({ engine, one })))
  const silent = ready.filter(({ capabilities }) => !capabilities.loadedState).map(({ id }) => id)
  const ejectable = [...new Set(inMemory.filter(({ engine }) => engine.capabilities.unload !== 'none').map(({ one }) => one.ref))]
  const ejectAll = async (): Promise<void> => {
    for (const ref of ejectable) await yard.verbs.models.unload(ref)
    announce(words.ejectedAll(ejectable.length))
  }
  return (
    <section class="loaded-now card" aria-labelledby="loaded-now">
      <div class="row">
        <h2 id="loaded-now">{words.title}</h2>
        {ejectable.length > 1 && (
          <Button onPress={() => void all.run(ejectAll)} unavailable={all.running.value ? words.ejecting : undefined}>
            {words.ejectAll}
          </Button>
        )}
      </div>
      {all.error.value !== undefined && <ErrorNote error={all.error.value} onClose={all.clear} />}
      {inMemory.length === 0 ? (
        <p class="muted">{words.none}</p>
      ) : (
        <ul class="plain">
          {inMemory.map(({ engine, one }, at) => (
            <LoadedRow key={`${one.ref} ${sameBefore(inMemory, at)}`} engine={engine} one={one} />
          ))}
        </ul>
      )}
      {silent.length > 0 && <p class="small muted name">{words.unknownEngines(silent.join(', '))}</p>}
    </section>
  )
}

/** Which of several instances of one model: another one that goes leaves its row alone. */
const sameBefore = (all: readonly InMemory[], at: number): number =>
  all.slice(0, at).filter(({ one }) => one.ref === all[at]?.one.ref).length

function LoadedRow({ engine, one }: InMemory): JSX.Element {
  const words = text.models.loaded
  const { verbs } = useYard()
  const eject = useCall()
  const name = shown(one.name, 200)
  const run = async (): Promise<void> => {
    await verbs.models.unload(one.ref)
    announce(words.ejected(name))
  }
  const cannot = engine.capabilities.unload === 'none' ? words.cannot(engine.id) : undefined
  return (
    <li>
      <div class="what">
        <div class="row">
          <a class="name" href={addressOf('models', one.ref)}>
            {name}
          </a>
          <span class="muted">{engine.id}</span>
        </div>
        <p class="small muted">{instanceText(one, now.value)}</p>
      </div>
      <Button
        icon="eject"
        label={words.ejectOne(name)}
        onPress={() => void eject.run(run)}
        unavailable={cannot ?? (eject.running.value ? words.ejecting : undefined)}
      >
        {words.eject}
      </Button>
      {eject.error.value !== undefined && <ErrorNote error={eject.error.value} title={words.failed(name)} onClose={eject.clear} />}
    </li>
  )
}
