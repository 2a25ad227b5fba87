/** A switch under way: its steps, what requests meet meanwhile, and how to stop it. */
import type { JSX } from 'preact'
import type { Slot } from '../../sdk.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorNote } from '../../ui/note.tsx'
import { useCall } from '../../ui/use-call.ts'
import { useYard } from '../../yard/context.ts'
import type { SwitchView } from '../../yard/fold.ts'
import { stepsShown } from './steps.ts'
import { Steps } from './strip-steps.tsx'
import { meanwhile, namesOf, titleOf, tooLate } from './told.ts'

const words = text.switch

export interface RunningProps {
  readonly view: SwitchView
  readonly slot: Slot | undefined
  /** The one that this took the place of. */
  readonly before: SwitchView | undefined
  readonly sizeBytes: number | undefined
}

export function Running({ view, slot, before, sizeBytes }: RunningProps): JSX.Element {
  const { verbs } = useYard()
  const cancel = useCall()
  const gone = before && namesOf(before.record).to
  const promise = meanwhile(view, slot)
  return (
    <>
      <div class="head">
        <h2 class="name">{titleOf(view)}</h2>
        <Button
          onPress={() => void cancel.run(() => verbs.switches.cancel(view.record.id))}
          unavailable={cancel.running.value ? words.cancelling : tooLate(view)}
        >
          {text.common.cancel}
        </Button>
      </div>
      <UnavailableWhy why={cancel.running.value ? words.cancelling : tooLate(view)} />
      <Steps steps={stepsShown(view)} sizeBytes={sizeBytes} />
      {promise !== undefined && <p class="muted name">{promise}</p>}
      {gone !== undefined && <p class="muted name">{words.gaveWay(gone)}</p>}
      {cancel.error.value !== undefined && <ErrorNote error={cancel.error.value} onClose={cancel.clear} />}
    </>
  )
}

/** A touch has no hover to read a title by. */
const UnavailableWhy = ({ why }: { readonly why: string | undefined }): JSX.Element | null =>
  why === undefined ? null : <p class="small muted">{why}</p>
