/** What can be done with a model: use it, load and unload it, pin it, remove it. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { text } from '../../text/text.ts'
import { announce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorNote } from '../../ui/note.tsx'
import { useCall } from '../../ui/use-call.ts'
import { useYard } from '../../yard/context.ts'
import { LoadButton } from './load-button.tsx'
import type { ModelPartProps } from './model-view.tsx'
import { RemoveDialog } from './remove-dialog.tsx'
import { UseButton } from './use-button.tsx'

export function ModelActions({ model, onChanged }: ModelPartProps): JSX.Element {
  const isRemoving = useSignal(false)
  return (
    <section class="model-actions" aria-label={text.models.facts.actions}>
      <UseButton model={model} />
      <LoadButton model={model} />
      <PinButton model={model} onChanged={onChanged} />
      <Button
        look="danger"
        icon="remove"
        onPress={() => {
          isRemoving.value = true
        }}
      >
        {text.models.remove.button}
      </Button>
      {isRemoving.value && (
        <RemoveDialog
          model={model}
          onClose={() => {
            isRemoving.value = false
          }}
        />
      )}
    </section>
  )
}

function PinButton({ model: { ref, name, pinned }, onChanged }: ModelPartProps): JSX.Element {
  const words = text.models.pin
  const { verbs } = useYard()
  const call = useCall()
  const turn = async (): Promise<void> => {
    await verbs.models.update(ref, { pinned: !pinned })
    announce(pinned ? words.unpinned(name) : words.pinned(name))
    onChanged()
  }
  return (
    <>
      <span title={words.what}>
        <Button
          icon="pin"
          pressed={pinned}
          onPress={() => void call.run(turn)}
          unavailable={call.running.value ? text.models.load.busy : undefined}
        >
          {pinned ? words.unpin : words.button}
        </Button>
      </span>
      <p class="small muted what">{words.what}</p>
      {call.error.value !== undefined && <ErrorNote error={call.error.value} title={words.failed} onClose={call.clear} />}
    </>
  )
}
