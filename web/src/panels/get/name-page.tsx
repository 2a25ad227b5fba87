/** A name of an engine's own, or a file on the service's machine: nothing to choose among, only what it takes. */
import type { JSX } from 'preact'
import type { Source } from '../../sdk.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { PlanCard } from './plan-card.tsx'
import { BackLink } from './repository-page.tsx'
import { toJobs } from './to-jobs.ts'

export type NamedSource = Extract<Source, { from: string }> | Extract<Source, { path: string }>

export function NamePage({ source }: { readonly source: NamedSource }): JSX.Element {
  const title = 'path' in source ? source.path : text.get.engine.from(source.name, source.from)
  return (
    <div class="stack">
      <BackLink />
      <h2 class="name get-name">{shown(title, 300)}</h2>
      <div class="name-plan">
        <PlanCard source={source} onStarted={toJobs} />
      </div>
    </div>
  )
}
