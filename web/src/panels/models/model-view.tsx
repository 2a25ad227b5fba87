/** The parts of one model: what can be done with it, what it is, what it takes on disk and in memory. */
import type { JSX } from 'preact'
import type { Model } from '../../sdk.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { now } from '../../ui/clock.ts'
import { Mark } from '../../ui/mark.tsx'
import { ContextCost } from './context-cost.tsx'
import { instanceText } from './instance-text.ts'
import { LoadOptionsForm } from './load-options-form.tsx'
import { ModelActions } from './model-actions.tsx'
import { ModelDisk } from './model-disk.tsx'
import { ModelFacts } from './model-facts.tsx'
import { ModelTemplate } from './model-template.tsx'
import { ShareModel } from './share-model.tsx'
import { useLoadForm } from './use-load-form.ts'

export interface ModelPartProps {
  readonly model: Model
  /** What is remembered of it, or what it is, has been changed. */
  readonly onChanged: () => void
}

export function ModelView({ model, onChanged }: ModelPartProps): JSX.Element {
  const form = useLoadForm(model)
  const { details } = model
  return (
    <>
      <ModelHead model={model} />
      <ModelActions model={model} onChanged={onChanged} />
      <div class="model-parts">
        <div class="stack">
          <ModelFacts model={model} onChanged={onChanged} />
          {details && <ModelDisk model={model} />}
        </div>
        <div class="stack">
          <section class="card stack" aria-labelledby="load-options">
            <LoadOptionsForm model={model} form={form} onChanged={onChanged} />
            {details?.memory && <ContextCost parts={details.memory} model={model} wanted={form.context.value} />}
          </section>
          <ShareModel model={model} />
        </div>
      </div>
      {details?.template !== undefined && <ModelTemplate template={details.template} />}
    </>
  )
}

function ModelHead({ model: { name, provider, slots, loaded, pinned, kind } }: { readonly model: Model }): JSX.Element {
  return (
    <header class="model-head">
      <h1 class="name">{shown(name, 300)}</h1>
      <div class="row">
        <span class="muted">{provider}</span>
        {kind !== 'chat' && <span class="tag">{text.models.kinds[kind]}</span>}
        {slots.length > 0 && <Mark tone="good">{text.models.serves(slots.join(', '))}</Mark>}
        {loaded.length > 0 && <Mark tone={slots.length > 0 ? 'good' : 'muted'}>{text.states.loaded}</Mark>}
        {pinned && (
          <Mark tone="plain" icon="pin">
            {text.models.pinned}
          </Mark>
        )}
      </div>
      {loaded.map((one, at) => (
        <p key={at} class="small muted">
          {instanceText(one, now.value)}
        </p>
      ))}
    </header>
  )
}
