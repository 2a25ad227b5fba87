/** Getting models: what is under way, the box for anything, and what a repository or a name would take. */
import type { JSX } from 'preact'
import { route } from '../../route.ts'
import { sourceText } from '../../sdk.ts'
import { text } from '../../text/text.ts'
import { Jobs } from './jobs.tsx'
import { keepHiddenJobs } from './kept-hidden.ts'
import { NamePage } from './name-page.tsx'
import { RepositoryPage } from './repository-page.tsx'
import { SearchPage } from './search-page.tsx'
import { type Target, targetOf } from './target.ts'

keepHiddenJobs()

export function GetPanel(): JSX.Element {
  const target = targetOf(route.value.rest)
  return (
    <div class="get-panel">
      <h1 class="unseen">{text.get.title}</h1>
      <Jobs />
      {target ? <TargetPage target={target} /> : <SearchPage />}
    </div>
  )
}

function TargetPage({ target }: { readonly target: Target }): JSX.Element {
  return 'repo' in target ? (
    <RepositoryPage key={`${target.repo} ${target.revision ?? ''}`} source={target} />
  ) : (
    <NamePage key={sourceText(target)} source={target} />
  )
}
