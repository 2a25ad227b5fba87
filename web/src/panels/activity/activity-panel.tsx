/** What happens and what happened: what is not as it should be, how fast models answer, and everything that was switched and got. */
import type { JSX } from 'preact'
import { text } from '../../text/text.ts'
import { HistoryList } from './history-list.tsx'
import { Present } from './present.tsx'
import { Usage } from './usage.tsx'

export function ActivityPanel(): JSX.Element {
  return (
    <div class="activity-panel stack">
      <h1>{text.activity.title}</h1>
      <Present />
      <Usage />
      <HistoryList />
    </div>
  )
}
