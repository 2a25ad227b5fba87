/** A switch where it happens: its steps with their times, the text that the model answered, and how it ended. */
import type { JSX } from 'preact'
import { durationText } from '../../text/numbers.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { Icon, type IconName } from '../../ui/icons.tsx'
import { Note } from '../../ui/note.tsx'
import { Progress } from '../../ui/progress.tsx'
import { useCall } from '../../ui/use-call.ts'
import { useYard } from '../../yard/context.ts'
import type { StepView, SwitchView } from '../../yard/fold.ts'

export function SwitchStrip({ view, onClose }: { readonly view: SwitchView; readonly onClose: () => void }): JSX.Element {
  return (
    <section class="switch-strip card stack" aria-label={text.switch.title}>
      {view.record.outcome === undefined ? <Running view={view} /> : <Ended view={view} onClose={onClose} />}
    </section>
  )
}

function Running({ view: { record, steps } }: { readonly view: SwitchView }): JSX.Element {
  const { verbs } = useYard()
  const cancel = useCall()
  const { id, slot, from, to = '' } = record
  return (
    <>
      <div class="row">
        <h2 class="name">{text.switch.switchingTo(to, slot)}</h2>
        <Button
          onPress={() => void cancel.run(() => verbs.switches.cancel(id))}
          unavailable={cancel.running.value ? text.switch.cancelling : undefined}
        >
          {text.common.cancel}
        </Button>
      </div>
      <Steps steps={steps} />
      {from !== undefined && <p class="muted name">{text.switch.keepsServing(from)}</p>}
    </>
  )
}

const signs: Readonly<Record<StepView['state'], IconName>> = { started: 'working', progress: 'working', done: 'good', failed: 'bad' }

function Steps({ steps }: { readonly steps: readonly StepView[] }): JSX.Element {
  return (
    <ol class="steps">
      {steps.map(({ step, state, ms, progress, note }) => (
        <li key={step} class={state}>
          <Icon name={signs[state]} />
          <span>{text.switch.steps[step as keyof typeof text.switch.steps] ?? step}</span>
          {ms !== undefined && <span class="number muted">{durationText(ms)}</span>}
          {note !== undefined && <span class="name muted">{note}</span>}
          {state === 'progress' && progress !== undefined && (
            <Progress label={text.switch.steps.load} share={progress}>
              {null}
            </Progress>
          )}
        </li>
      ))}
    </ol>
  )
}

function Ended({ view: { record, steps }, onClose }: { readonly view: SwitchView; readonly onClose: () => void }): JSX.Element {
  const { outcome, error, verification, warnings } = record
  const good = outcome === 'switched' || outcome === 'already_active'
  const tone = good ? 'good' : outcome === 'degraded' ? 'bad' : outcome === 'rolled_back' ? 'warn' : undefined
  return (
    <Note tone={tone} title={outcomeText(record)} onClose={onClose}>
      {verification && <p class="name">{text.switch.answered(verification.text)}</p>}
      {error && (
        <>
          <p class="name">
            {text.switch.failed(record.to ?? '')} {error.message}
          </p>
          <p class="name">{error.hint}</p>
        </>
      )}
      {warnings.map((one) => (
        <p key={one} class="name">
          {one}
        </p>
      ))}
      <Steps steps={steps} />
    </Note>
  )
}

/** What serves now comes first. */
function outcomeText({ outcome, ref, slot }: SwitchView['record']): string {
  const words = text.switch.outcome
  switch (outcome) {
    case 'switched':
    case 'already_active':
      return words[outcome](ref ?? '', slot)
    case 'rolled_back':
    case 'rejected':
    case 'cancelled':
      return words[outcome](ref, slot)
    case 'degraded':
      return words.degraded(slot)
    default:
      return words.superseded
  }
}
