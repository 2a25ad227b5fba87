/** Removes a model. Nothing can be confirmed before what would go, and what stays and why, is shown. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { goTo } from '../../route.ts'
import type { Model } from '../../sdk.ts'
import { sizeText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { announce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ErrorNote } from '../../ui/note.tsx'
import { Progress } from '../../ui/progress.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Asked, useAsked } from '../../ui/use-asked.tsx'
import { useCall } from '../../ui/use-call.ts'
import { useYard } from '../../yard/context.ts'
import { type Choice as Chosen, isComplete, type RemovalPlan, removalPlan, removeOptionsOf } from './removal-plan.ts'
import { RemovalView } from './removal-view.tsx'
import { ReplacementChoice } from './replacement-choice.tsx'

export interface RemoveDialogProps {
  readonly model: Model
  readonly onClose: () => void
}

export function RemoveDialog({ model, onClose }: RemoveDialogProps): JSX.Element {
  const words = text.models.remove
  const { verbs } = useYard()
  const { ref, name } = model
  const chosen = useSignal<Chosen>({ replacement: '', foreign: false })
  const removing = useCall()
  const asked = useAsked(ref, async (signal) => {
    const dry = { dryRun: true, signal }
    const [asItIs, permitted] = await Promise.all([
      verbs.models.remove(ref, dry),
      verbs.models.remove(ref, { ...dry, foreign: true, emptySlots: true }),
    ])
    return removalPlan(asItIs, permitted)
  })
  const plan = asked.value.value
  const remove = async (): Promise<void> => {
    if (!plan) return
    const { freedBytes } = await verbs.models.remove(ref, removeOptionsOf(plan, chosen.value)).catch((error: unknown) => {
      // Something may be another than when it was looked at: it is looked at anew before the next try.
      asked.again()
      throw error
    })
    announce(words.done(shown(name, 200), sizeText(freedBytes)))
    goTo('models')
  }
  const isRunning = removing.running.value
  const close = (): void => {
    if (!isRunning) onClose()
  }
  return (
    <Dialog
      title={words.title(shown(name, 200))}
      onClose={close}
      ends={
        <>
          <Button onPress={close} unavailable={isRunning ? words.removing : undefined} autofocus>
            {text.common.cancel}
          </Button>
          <Button look="danger" icon="remove" onPress={() => void removing.run(remove)} unavailable={whyNot(plan, chosen.value, isRunning)}>
            {plan ? confirmText(plan) : words.button}
          </Button>
        </>
      }
    >
      <Asked asked={asked} title={words.failedPlan} skeleton={<Skeleton rows={3} rowHeight={28} />}>
        {(one) => (
          <>
            <RemovalView plan={one} />
            {one.inUse && <ReplacementChoice model={model} chosen={chosen} />}
            {one.foreign !== undefined && (
              <label class="row tick">
                <input
                  type="checkbox"
                  checked={chosen.value.foreign}
                  onChange={({ currentTarget }) => {
                    chosen.value = { ...chosen.value, foreign: currentTarget.checked }
                  }}
                />
                <span class="name">{words.foreign(one.foreign)}</span>
              </label>
            )}
          </>
        )}
      </Asked>
      {isRunning && (
        <Progress label={words.removing} share={undefined}>
          {plan?.inUse ? words.removingSlots : words.removingFiles}
        </Progress>
      )}
      {removing.error.value !== undefined && <ErrorNote error={removing.error.value} title={words.failed} />}
    </Dialog>
  )
}

function whyNot(plan: RemovalPlan | undefined, chosen: Chosen, isRunning: boolean): string | undefined {
  const words = text.models.remove
  if (isRunning) return words.removing
  if (!plan) return words.notShown
  if (plan.removed.length === 0) return words.nothingGoes
  return isComplete(plan, chosen) ? undefined : words.notComplete
}

function confirmText({ removed, freedBytes }: RemovalPlan): string {
  const words = text.models.remove
  if (removed.length === 0) return words.button
  return freedBytes === 0 ? words.confirmNothing : words.confirm(sizeText(freedBytes))
}
