/** How a switch ended: what serves now, what failed and why in the engine's words, what to do. In this order. */
import type { JSX } from 'preact'
import type { LoadOptions, Model, SwitchRecord } from '../../sdk.ts'
import { durationText, tokensText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/command.tsx'
import { Mark } from '../../ui/mark.tsx'
import type { SwitchView } from '../../yard/fold.ts'
import { detailsOf } from './details.ts'
import { EngineWords } from './engine-words.tsx'
import { stepsShown } from './steps.ts'
import { Steps } from './strip-steps.tsx'
import { nameOf, namesOf, outcomeText, toneOf } from './told.ts'
import { triesOf } from './try-again.ts'

const words = text.switch

export interface EndedProps {
  readonly view: SwitchView
  readonly models: readonly Model[]
  /** Absent: it stays as long as it is so. */
  readonly onClose: (() => void) | undefined
  readonly onTry: (ref: string, load?: LoadOptions) => void
}

export function Ended({ view, models, onClose, onTry }: EndedProps): JSX.Element {
  const { record } = view
  const steps = stepsShown(view)
  return (
    <>
      <h2 class="name">
        <Mark tone={toneOf(record) ?? 'muted'}>
          <span class="name">{outcomeText(record)}</span> <Took record={record} />
        </Mark>
      </h2>
      <Answer record={record} />
      <Failure record={record} />
      <Warnings record={record} />
      {steps.length > 0 && <Steps steps={steps} />}
      <div class="row">
        <TryButtons record={record} models={models} onTry={onTry} />
        {onClose && <Button onPress={onClose}>{text.common.close}</Button>}
        {record.error && <CopyButton value={detailsOf(record)} label={words.copyDetails} />}
      </div>
    </>
  )
}

/** The quiet line that a good end becomes. */
export function Folded({
  view: { record },
  onOpen,
  onClose,
}: {
  readonly view: SwitchView
  readonly onOpen: () => void
  readonly onClose: () => void
}): JSX.Element {
  return (
    <div class="row folded">
      <Mark tone={toneOf(record) ?? 'muted'}>
        <span class="name">{outcomeText(record)}</span> <Took record={record} />
      </Mark>
      <Button look="quiet" expanded={false} onPress={onOpen}>
        {text.common.details}
      </Button>
      <Button look="quiet" icon="bad" label={text.common.close} onPress={onClose} />
    </div>
  )
}

function Took({ record: { outcome, startedAt, endedAt } }: { readonly record: SwitchRecord }): JSX.Element | null {
  if (outcome !== 'switched' || endedAt === undefined) return null
  return <span class="muted number">{words.tookMs(durationText(Date.parse(endedAt) - Date.parse(startedAt)))}</span>
}

function Answer({ record: { verification } }: { readonly record: SwitchRecord }): JSX.Element | null {
  if (!verification) return null
  const said = shown(verification.text.trim(), 400)
  return <p class="name">{verification.reasoning ? words.thought(said) : words.answered(said)}</p>
}

function Failure({ record }: { readonly record: SwitchRecord }): JSX.Element | null {
  const { error, outcome } = record
  if (!error || outcome === 'cancelled' || outcome === 'superseded') return null
  const { to } = namesOf(record)
  return (
    <>
      {to !== undefined && <p class="name">{words.failed(to)}</p>}
      <EngineWords>{error.message}</EngineWords>
      {error.hint !== '' && (
        <p class="name">
          <strong>{shown(error.hint)}</strong>
        </p>
      )}
    </>
  )
}

function Warnings({ record: { warnings, persisted, outcome } }: { readonly record: SwitchRecord }): JSX.Element | null {
  const all = [...warnings.map((one) => shown(one)), ...(outcome === 'switched' && persisted === false ? [words.notKept] : [])]
  if (all.length === 0) return null
  return (
    <ul class="warnings">
      {all.map((one) => (
        <li key={one}>
          <Mark tone="warn">
            <span class="name">{one}</span>
          </Mark>
        </li>
      ))}
    </ul>
  )
}

function TryButtons({ record, models, onTry }: Pick<EndedProps, 'models' | 'onTry'> & { readonly record: SwitchRecord }): JSX.Element {
  const { again, smaller, back } = triesOf(record, models)
  return (
    <>
      {back !== undefined && (
        <Button look="primary" onPress={() => onTry(back)}>
          {words.useAgain(nameOf(back, [record.to]))}
        </Button>
      )}
      {again !== undefined && <Button onPress={() => onTry(again)}>{text.common.tryAgain}</Button>}
      {smaller && (
        <Button onPress={() => onTry(smaller.ref, { contextLength: smaller.contextLength })}>
          {words.withContext(tokensText(smaller.contextLength))}
        </Button>
      )}
    </>
  )
}
