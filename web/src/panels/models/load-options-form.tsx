/** The options a model is loaded with: what they are, where that comes from, and changing them. */
import type { JSX } from 'preact'
import { tokensText } from '../../text/numbers.ts'
import { text } from '../../text/text.ts'
import { announce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorNote } from '../../ui/note.tsx'
import { useAsked } from '../../ui/use-asked.tsx'
import { useCall } from '../../ui/use-call.ts'
import { useYard } from '../../yard/context.ts'
import { ContextField } from './context-field.tsx'
import { originOf, patchesOf } from './load-form.ts'
import type { ModelPartProps } from './model-view.tsx'
import { OptionField } from './option-field.tsx'
import type { LoadFormView } from './use-load-form.ts'

export function LoadOptionsForm({ model, form, onChanged }: ModelPartProps & { readonly form: LoadFormView }): JSX.Element {
  const words = text.models.options
  const { verbs, providers } = useYard()
  const call = useCall()
  const config = useAsked('config', (signal) => verbs.config({ signal }))
  const { ref, load, provider } = model
  const can = providers.value.find(({ id }) => id === provider)?.capabilities
  const configured = config.value.value?.config.models?.[ref]?.load
  const origin = originOf(load, configured)
  const change = async (patches: ReturnType<typeof patchesOf>, said: string): Promise<void> => {
    let changed = model
    try {
      for (const patch of patches) changed = await verbs.models.update(ref, patch)
    } finally {
      // Of two patches the first may be in force although the second was refused.
      onChanged()
    }
    form.rest(changed.load)
    announce(said)
  }
  const save = (): void => void call.run(() => change(patchesOf(load, form.fields.value), words.saved))
  const isFaulty = form.faults.value.length > 0
  const cannotSave = call.running.value ? words.saving : isFaulty ? words.faulty : form.isChanged.value ? undefined : words.nothingChanged
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (cannotSave === undefined) save()
      }}
    >
      <h2 id="load-options">{words.title}</h2>
      <p class="small muted">
        {words.origin[origin]} {words.when}
      </p>
      <LoadedWith model={model} />
      <ContextField model={model} form={form} isFixed={can?.contextLength === 'fixed'} />
      {can?.gpuLayers === true && <OptionField form={form} field="gpuLayers" label={words.gpuLayers} hint={words.gpuHint} />}
      {can?.keepAlive === true && <OptionField form={form} field="keepAlive" label={words.keepAlive} hint={words.keepHint} />}
      {call.error.value !== undefined && <ErrorNote error={call.error.value} title={words.failed} onClose={call.clear} />}
      <div class="row">
        <Button type="submit" look="primary" onPress={() => {}} unavailable={cannotSave}>
          {words.save}
        </Button>
        <span title={words.resetWhat}>
          <Button
            onPress={() => void call.run(() => change([{ load: null }], words.wasReset))}
            unavailable={call.running.value ? words.saving : origin === 'remembered' ? undefined : words.nothingToReset}
          >
            {words.reset}
          </Button>
        </span>
      </div>
    </form>
  )
}

/** What the model in memory runs with, where that is not what is remembered. */
function LoadedWith({ model: { loaded, load } }: Pick<ModelPartProps, 'model'>): JSX.Element | null {
  const other = loaded.find(
    ({ contextLength }) => contextLength !== undefined && load?.contextLength !== undefined && contextLength !== load.contextLength,
  )
  if (other?.contextLength === undefined) return null
  return <p class="small">{text.models.options.loadedNow(tokensText(other.contextLength))}</p>
}
