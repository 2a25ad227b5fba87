/** The steps of a switch with their times; one that runs counts its seconds. */
import type { JSX } from 'preact'
import { durationText, sizeText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Icon, type IconName } from '../../ui/icons.tsx'
import { Progress } from '../../ui/progress.tsx'
import { useSeconds } from '../../ui/seconds.ts'
import type { StepView } from '../../yard/fold.ts'
import { isRunning, timeOf } from './steps.ts'

const words = text.switch
const signs: Readonly<Record<StepView['state'], IconName>> = { started: 'working', progress: 'working', done: 'good', failed: 'bad' }

export interface StepsProps {
  readonly steps: readonly StepView[]
  /** Of the model that is loaded. */
  readonly sizeBytes?: number | undefined
}

export function Steps({ steps, sizeBytes }: StepsProps): JSX.Element {
  const now = useSeconds(steps.some(isRunning))
  const loading = steps.find((one) => one.step === 'load' && one.state === 'progress' && one.progress !== undefined)
  const size = sizeBytes === undefined ? undefined : sizeText(sizeBytes)
  return (
    <>
      <ol class="steps">
        {steps.map((one) => (
          <Step key={one.step} step={one} now={now} size={size} />
        ))}
      </ol>
      {loading && (
        <Progress label={words.loading(size)} share={loading.progress}>
          {size}
        </Progress>
      )}
    </>
  )
}

function Step({ step: one, now, size }: { readonly step: StepView; readonly now: number; readonly size: string | undefined }): JSX.Element {
  const { state, note } = one
  const ms = timeOf(one, now)
  return (
    <li class={isRunning(one) ? 'running' : state}>
      <Icon name={signs[state]} />
      <span>{labelOf(one, size)}</span>
      {ms !== undefined && <span class="number muted">{durationText(ms)}</span>}
      {note !== undefined && <span class="name muted">{shown(note, 200)}</span>}
    </li>
  )
}

function labelOf(one: StepView, size: string | undefined): string {
  const [working, done] = words.steps[one.step] ?? [one.step, one.step]
  if (one.state === 'done') return done
  if (one.state === 'failed') return words.stepFailed(working)
  return one.step === 'load' ? words.loading(size) : working
}
