/** The jobs, newest first: what each gets, how far it is, what it waits for, and pausing, going on, cancelling. */
import type { ReadonlySignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Job } from '../sdk.ts'
import { durationText, sizeText } from '../text/numbers.ts'
import { text } from '../text/text.ts'
import { Button } from '../ui/button.tsx'
import { Mark, type Tone } from '../ui/mark.tsx'
import { ErrorNote } from '../ui/note.tsx'
import { Progress } from '../ui/progress.tsx'
import { type Call, useCall } from '../ui/use-call.ts'
import { useYard } from '../yard/context.ts'

export function Jobs(): JSX.Element {
  const { all } = useYard().jobs
  const jobs = all.value
  if (jobs?.length === 0) return <p class="muted">{text.elements.noJobs}</p>
  return (
    <ul class="element-jobs" part="list" aria-label={text.elements.jobs}>
      {jobs?.map((job) => (
        <JobLine key={job.peek().id} job={job} />
      ))}
    </ul>
  )
}

const tones: Readonly<Record<Job['state'], Tone>> = {
  waiting: 'warn',
  running: 'plain',
  paused: 'muted',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'muted',
}

function JobLine({ job }: { readonly job: ReadonlySignal<Job> }): JSX.Element {
  const call = useCall()
  const { state, stage, note, error } = job.value
  const name = nameOf(job.value)
  const words = text.elements
  return (
    <li part="job" class="stack">
      <div class="row">
        <strong class="name">{name}</strong>
        <Mark tone={tones[state]} {...(state === 'running' && { icon: 'working' as const })}>
          {state === 'running' ? words.stages[stage] : words.states[state]}
        </Mark>
        {note !== undefined && <span class="name small muted">{note}</span>}
        <JobButtons job={job.value} call={call} />
      </div>
      {state === 'running' && stage === 'download' && <Downloaded job={job.value} name={name} />}
      {error && (
        <p class="name small">
          {error.message} {error.hint}
        </p>
      )}
      {call.error.value !== undefined && <ErrorNote error={call.error.value} onClose={call.clear} />}
    </li>
  )
}

function Downloaded({ job, name }: { readonly job: Job; readonly name: string }): JSX.Element {
  const { bytesDone, bytesTotal, bytesPerSecond, secondsLeft } = job
  return (
    <Progress label={name} share={bytesTotal ? bytesDone / bytesTotal : undefined}>
      <span>{bytesTotal === undefined ? sizeText(bytesDone) : text.elements.bytes(sizeText(bytesDone), sizeText(bytesTotal))}</span>
      {bytesPerSecond !== undefined && <span>{text.elements.rate(sizeText(bytesPerSecond))}</span>}
      {secondsLeft !== undefined && <span>{text.elements.left(durationText(secondsLeft * 1000))}</span>}
    </Progress>
  )
}

function JobButtons({ job: { id, state }, call }: { readonly job: Job; readonly call: Call }): JSX.Element | null {
  const { jobs } = useYard().verbs
  const isOn = state === 'running' || state === 'waiting'
  if (!isOn && state !== 'paused') return null
  return (
    <span class="row">
      {isOn ? (
        <Button icon="pause" label={text.elements.pause} onPress={() => void call.run(() => jobs.pause(id))} />
      ) : (
        <Button icon="play" label={text.elements.resume} onPress={() => void call.run(() => jobs.resume(id))} />
      )}
      <Button onPress={() => void call.run(() => jobs.cancel(id))}>{text.common.cancel}</Button>
    </span>
  )
}

function nameOf({ source }: Job): string {
  if ('repo' in source) return [source.repo, source.file ?? source.quantization].filter(Boolean).join(' ')
  if ('catalog' in source) return [source.catalog, source.quantization].filter(Boolean).join(' ')
  if ('name' in source) return source.name
  return 'ref' in source ? source.ref : source.path
}
