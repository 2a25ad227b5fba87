/** What is under way and what came of it lately: a row for each, of which only the one that moves is drawn anew. */
import { useComputed } from '@preact/signals'
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import { jobHasEnded } from '../../sdk.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { now } from '../../ui/clock.ts'
import { usePlace } from '../../ui/place.ts'
import { useYard } from '../../yard/context.ts'
import { hiddenJobs, hideJobs } from './hidden-jobs.ts'
import { JobRow } from './job-row.tsx'
import { jobsShown } from './jobs-shown.ts'

export function Jobs(): JSX.Element | null {
  const own = text.get.jobs
  const heading = useId()
  const { jobs } = useYard()
  const { links } = usePlace()
  // A word of text for what the list depends on: progress leaves it as it is.
  const ends = useComputed(() => jobs.all.value?.map(({ value }) => `${value.id} ${jobHasEnded(value)}`).join('\n'))
  const { running, ended, more } = useComputed(() => {
    void ends.value
    const all = jobs.all.peek()?.map((one) => one.peek()) ?? []
    return jobsShown(all, hiddenJobs.value, now.value)
  }).value
  const rows = [...running, ...ended].flatMap((id) => jobs.find(id) ?? [])
  if (rows.length === 0) return null
  return (
    <section class="get-jobs" aria-labelledby={heading}>
      <div class="get-group-head">
        <h2 id={heading}>{own.title}</h2>
        {ended.length > 1 && (
          <Button look="quiet" onPress={() => hideJobs(ended)}>
            {own.clear}
          </Button>
        )}
      </div>
      <ul class="job-rows">
        {rows.map((job) => (
          <JobRow key={job.peek().id} job={job} />
        ))}
      </ul>
      {more && links && (
        <a class="small" href={links.addressOf('activity')}>
          {own.earlier}
        </a>
      )}
    </section>
  )
}
