/** One model with everything that is known of it. */
import { useComputed } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { addressOf } from '../../route.ts'
import { type Model, ModelyardError } from '../../sdk.ts'
import { text } from '../../text/text.ts'
import { ErrorNote } from '../../ui/note.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { useAsked } from '../../ui/use-asked.tsx'
import { useYard } from '../../yard/context.ts'
import { knownModels } from './known-models.ts'
import { ModelGone } from './model-gone.tsx'
import { ModelView } from './model-view.tsx'
import { SilentNote } from './silent-note.tsx'

export function ModelPage({ modelRef }: { readonly modelRef: string }): JSX.Element {
  const yard = useYard()
  const asked = useAsked(modelRef, (signal) => yard.verbs.models.get(modelRef, { signal }))
  const known = knownModels(yard)
  // Of any engine: another one may hold the same bytes since then.
  useEffect(() => yard.onEvent(({ type }) => type === 'models.changed' && asked.again()), [yard, asked])
  const row = useComputed(() => known.value?.find(({ ref }) => ref === (asked.value.value?.ref ?? modelRef)))
  const error = asked.error.value === undefined ? undefined : ModelyardError.from(asked.error.value)
  const isGone = error?.code === 'model_not_found'
  const model = isGone ? undefined : withNow(asked.value.value, row.value)
  return (
    <div class="model-page">
      <a class="back" href={addressOf('models')}>
        {text.models.back}
      </a>
      {isGone && <ModelGone modelRef={modelRef} />}
      {error &&
        !isGone &&
        (model ? (
          <SilentNote model={model} error={error} onRetry={asked.again} />
        ) : (
          <>
            <h1 class="unseen">{text.models.title}</h1>
            <ErrorNote error={error} title={text.models.failed} onRetry={asked.again} />
          </>
        ))}
      {model && <ModelView model={model} onChanged={asked.again} />}
      {!model && !error && (
        <>
          <h1 class="unseen">{text.models.title}</h1>
          <Skeleton rows={6} />
        </>
      )}
    </div>
  )
}

/** What is loaded and what serves is told by events; the rest was asked, or is as the list has it. */
function withNow(asked: Model | undefined, row: Model | undefined): Model | undefined {
  if (!asked || !row) return asked ?? row
  return { ...asked, loaded: row.loaded, slots: row.slots }
}
