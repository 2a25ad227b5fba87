/** A switch or a job as one line; its details come with opening it. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { sourceText } from '../../sdk.ts'
import { agoText, dateTimeText, durationText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { now } from '../../ui/clock.ts'
import { Icon, type IconName } from '../../ui/icons.tsx'
import { Mark, type Tone } from '../../ui/mark.tsx'
import { EntryDetails } from './entry-details.tsx'
import type { Ending, Entry } from './history.ts'

const tones: Readonly<Record<Ending, Tone>> = { running: 'plain', good: 'good', failed: 'bad', ended: 'muted' }
const icons: Readonly<Record<Ending, IconName>> = { running: 'working', good: 'good', failed: 'bad', ended: 'stop' }

export function EntryRow({ entry }: { readonly entry: Entry }): JSX.Element {
  const open = useSignal(false)
  const { at, ms, ending, kind } = entry
  return (
    <li>
      <details
        onToggle={({ currentTarget }) => {
          open.value = currentTarget.open
        }}
      >
        <summary class="entry">
          <Icon name={kind === 'switch' ? 'switch' : 'get'} />
          <Title entry={entry} />
          <Mark tone={tones[ending]} icon={icons[ending]}>
            {outcomeText(entry)}
          </Mark>
          <span class="took muted">{ms === undefined ? '' : durationText(ms)}</span>
          <time class="muted" dateTime={new Date(at).toISOString()} title={dateTimeText(at)}>
            {agoText(at, now.value)}
          </time>
        </summary>
        {open.value && <EntryDetails entry={entry} />}
      </details>
    </li>
  )
}

function Title({ entry }: { readonly entry: Entry }): JSX.Element {
  if (entry.kind === 'job') {
    return (
      <span class="title clip name">
        <span class="muted">{text.activity.jobKinds[entry.job.kind]}</span> {shown(sourceText(entry.job.source), 200)}
      </span>
    )
  }
  const { slot, to, error } = entry.view.record
  return (
    <span class="title clip name">
      <span class="muted">{shown(slot, 64)}:</span> {shown(to ?? error?.message ?? text.common.unknown, 200)}
    </span>
  )
}

export function outcomeText(entry: Entry): string {
  if (entry.kind === 'job') return text.states.job[entry.job.state]
  const { outcome } = entry.view.record
  return outcome === undefined ? text.activity.outcomes.running : text.activity.outcomes[outcome]
}
