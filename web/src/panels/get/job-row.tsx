/** One job: what, how far, and what can be done with it now. */
import type { ReadonlySignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { type Job, jobHasEnded } from '../../sdk.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Mark } from '../../ui/mark.tsx'
import { ErrorNote } from '../../ui/note.tsx'
import { Progress } from '../../ui/progress.tsx'
import { useCall } from '../../ui/use-call.ts'
import { calmed } from './calmed.ts'
import { JobButtons } from './job-buttons.tsx'
import { JobResult } from './job-result.tsx'
import { isFetching, jobName, measureOf, quantizationOf, shareOf, stateOf } from './job-words.ts'

/** Text is drawn anew no more often than it can be read, and all rows in the same frame. */
const everyMs = 250

export function JobRow({ job: source }: { readonly job: ReadonlySignal<Job> }): JSX.Element {
  const job = useCalmed(source)
  const call = useCall()
  const name = jobName(job)
  return (
    <li class={`job-row ${job.state}`}>
      <div class="job-head">
        <h3 class="job-name">
          <span class="name">{name}</span> <What job={job} />
        </h3>
        <JobButtons job={job} name={name} call={call} />
      </div>
      {isFetching(job) ? <Moving job={job} name={name} /> : !tellsByItself(job) && <State job={job} />}
      {call.error.value !== undefined && <ErrorNote error={call.error.value} onClose={call.clear} />}
      {jobHasEnded(job) && <JobResult job={job} call={call} />}
    </li>
  )
}

/** What came of it says that it is done. */
const tellsByItself = ({ state, result, note }: Job): boolean =>
  state === 'succeeded' && note === undefined && result !== undefined && result.refs.length > 0

function useCalmed(source: ReadonlySignal<Job>): Job {
  const calm = useMemo(
    () =>
      calmed(source, {
        atOnce: (a, b) => a.stage !== b.stage || a.state !== b.state || a.waitingFor !== b.waitingFor,
        later: (work) => {
          const timer = setTimeout(work, everyMs - (performance.now() % everyMs))
          return () => clearTimeout(timer)
        },
      }),
    [source],
  )
  useEffect(() => calm.stop, [calm])
  return calm.value.value
}

function What({ job }: { readonly job: Job }): JSX.Element {
  const own = text.get.jobs
  const quantization = quantizationOf(job)
  const { source, into } = job
  const parts = [quantization, 'from' in source ? own.from(source.from) : into.length > 0 ? own.into(into.join(', ')) : undefined].filter(
    (one) => one !== undefined,
  )
  return <span class="small muted name">{shown(parts.join(' · '), 200)}</span>
}

function State({ job }: { readonly job: Job }): JSX.Element {
  const { tone, text: words, advice } = stateOf(job)
  const isWorking = job.state === 'running'
  return (
    <div class="job-state">
      <Mark tone={tone} {...(isWorking && { icon: 'working' as const })}>
        {words}
      </Mark>
      {job.note !== undefined && <span class="small muted name">{shown(job.note)}</span>}
      {advice !== undefined && <span class="small muted">{advice}</span>}
    </div>
  )
}

function Moving({ job, name }: { readonly job: Job; readonly name: string }): JSX.Element {
  const { tone, text: words, advice } = stateOf(job)
  return (
    <>
      <Progress label={text.get.jobs.progress(name)} share={shareOf(job)}>
        <Mark tone={tone} icon={job.state === 'running' ? 'get' : job.state === 'paused' ? 'pause' : 'warn'}>
          {words}
        </Mark>
        {measureOf(job).map((one, index) => (
          <span key={index}>{one}</span>
        ))}
        {job.note !== undefined && <span class="name">{shown(job.note)}</span>}
      </Progress>
      {advice !== undefined && <p class="small muted">{advice}</p>}
    </>
  )
}
