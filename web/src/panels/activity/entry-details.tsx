/** Everything that is known of a switch or a job, and a copy of it that may be shown to others. */
import type { JSX } from 'preact'
import type { Job, SwitchRecord } from '../../sdk.ts'
import { dateTimeText, durationText, sizeText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { CopyButton } from '../../ui/command.tsx'
import { useYard } from '../../yard/context.ts'
import type { SwitchView } from '../../yard/fold.ts'
import { detailsText } from './copy-details.ts'
import type { Entry } from './history.ts'

export function EntryDetails({ entry }: { readonly entry: Entry }): JSX.Element {
  const version = useYard().status.value?.version ?? ''
  return (
    <div class="entry-details stack">
      {entry.kind === 'switch' ? <SwitchDetails view={entry.view} /> : <JobDetails job={entry.job} />}
      <div class="row">
        <CopyButton value={detailsText(entry, version)} label={text.activity.copyDetails} />
        <span class="small muted">{text.activity.copyIsSafe}</span>
      </div>
    </div>
  )
}

function SwitchDetails({ view: { record, steps } }: { readonly view: SwitchView }): JSX.Element {
  const { from, ref, epoch, persisted, error, warnings, verification, startedAt } = record
  const words = text.activity.details
  return (
    <>
      {error && <Failure error={error} />}
      {warnings.map((one) => (
        <p key={one} class="name">
          {shown(one)}
        </p>
      ))}
      <dl>
        <Fact name={words.began}>{dateTimeText(startedAt)}</Fact>
        <Fact name={words.before}>{from ?? words.nothing}</Fact>
        {record.outcome !== undefined && <Fact name={words.serves}>{ref ?? words.nothing}</Fact>}
        {epoch !== undefined && <Fact name={words.epoch}>{String(epoch)}</Fact>}
        {persisted === false && record.outcome === 'switched' && <Fact name={words.persisted}>{words.notPersisted}</Fact>}
        {verification && <Fact name={words.answered}>{`${verification.text} (${durationText(verification.ms)})`}</Fact>}
        <Fact name={words.id}>{record.id}</Fact>
      </dl>
      <Steps record={record} notes={steps} />
    </>
  )
}

function Steps({ record, notes }: { readonly record: SwitchRecord; readonly notes: SwitchView['steps'] }): JSX.Element | null {
  const { steps } = record
  if (steps.length === 0) return null
  return (
    <ol class="steps-list" aria-label={text.activity.details.steps}>
      {steps.map(({ step, ms }) => {
        const { state, note } = notes.find((one) => one.step === step) ?? {}
        const [working, done] = text.switch.steps[step] ?? [step, step]
        return (
          <li key={step} class={state === 'failed' ? 'failed' : ''}>
            <span>{state === 'failed' ? text.switch.stepFailed(working) : done}</span>
            <span class="number muted">{durationText(ms)}</span>
            {note !== undefined && <span class="name muted small">{shown(note, 200)}</span>}
          </li>
        )
      })}
    </ol>
  )
}

function JobDetails({ job }: { readonly job: Job }): JSX.Element {
  const { error, createdAt, stage, bytesDone, bytesTotal, into, note, result, id } = job
  const words = text.activity.details
  return (
    <>
      {error && <Failure error={error} />}
      <dl>
        <Fact name={words.began}>{dateTimeText(createdAt)}</Fact>
        <Fact name={words.stage}>{text.get.jobs.stages[stage]}</Fact>
        {bytesDone > 0 && (
          <Fact name={words.bytes}>
            {bytesTotal === undefined ? sizeText(bytesDone) : words.of(sizeText(bytesDone), sizeText(bytesTotal))}
          </Fact>
        )}
        {into.length > 0 && <Fact name={words.into}>{into.join(', ')}</Fact>}
        {note !== undefined && <Fact name={words.note}>{note}</Fact>}
        {result?.refs.map(({ ref, verified, reason }) => (
          <Fact key={ref} name={verified ? words.verified : words.notVerified}>
            {reason === undefined ? ref : `${ref}: ${reason}`}
          </Fact>
        ))}
        <Fact name={words.id}>{id}</Fact>
      </dl>
    </>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: string }): JSX.Element {
  return (
    <div>
      <dt class="muted">{name}</dt>
      <dd class="name">{shown(children)}</dd>
    </div>
  )
}

function Failure({ error: { code, message, hint } }: { readonly error: { code: string; message: string; hint: string } }): JSX.Element {
  return (
    <div class="note bad">
      <p class="name">
        <strong>{shown(message)}</strong> <code class="muted">{shown(code, 64)}</code>
      </p>
      {hint !== '' && <p class="name">{shown(hint)}</p>}
    </div>
  )
}
