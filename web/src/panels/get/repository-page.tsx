/** A repository of the Hub: what it is, its quantizations in one table, and what the chosen one would take. */
import type { ComponentChildren, JSX } from 'preact'
import { addressOf } from '../../route.ts'
import { type HubRepository, ModelyardError } from '../../sdk.ts'
import { sizeText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Icon } from '../../ui/icons.tsx'
import { Mark } from '../../ui/mark.tsx'
import { ErrorNote } from '../../ui/note.tsx'
import type { Question } from '../../ui/question.ts'
import { Skeleton } from '../../ui/skeleton.tsx'
import { useAsked } from '../../ui/use-asked.tsx'
import { useYard } from '../../yard/context.ts'
import { GatedNote } from './gated-note.tsx'
import { factsOf } from './hub-group.tsx'
import { PlanCard } from './plan-card.tsx'
import { safeLink } from './plan-words.ts'
import { QuantizationTable } from './quantization-table.tsx'
import { chosenRow, rowsOf, sourceFor } from './quantizations.ts'
import { type RepositorySource, restOf } from './target.ts'
import { toJobs } from './to-jobs.ts'

export function RepositoryPage({ source }: { readonly source: RepositorySource }): JSX.Element {
  const { verbs } = useYard()
  const { repo, revision } = source
  const asked = useAsked(`repository ${repo} ${revision ?? ''}`, (signal) => verbs.hub.repository(repo, { revision, signal }))
  const { value } = asked.value
  const error = asked.error.value
  return (
    <div class="stack">
      <BackLink />
      <h2 class="name get-name">{shown(value?.repo ?? repo, 200)}</h2>
      {error !== undefined && <Unread error={error} repo={repo} asked={asked} />}
      {value === undefined ? asked.slow.value && <Skeleton rows={6} /> : <Repository repository={value} source={source} />}
    </div>
  )
}

export function BackLink(): JSX.Element {
  return (
    <a class="back-link" href={addressOf('get')}>
      <Icon name="chevron" />
      {text.get.repository.back}
    </a>
  )
}

function Unread({
  error,
  repo,
  asked,
}: {
  readonly error: unknown
  readonly repo: string
  readonly asked: Question<unknown>
}): JSX.Element {
  const { code, message, details } = ModelyardError.from(error)
  if (code === 'gated') return <GatedNote message={message} page={safeLink(details?.url)} onAgain={asked.again} />
  return <ErrorNote error={error} title={text.get.repository.failed(shown(repo, 200))} onRetry={asked.again} />
}

interface RepositoryProps {
  readonly repository: HubRepository
  readonly source: RepositorySource
}

function Repository({ repository, source }: RepositoryProps): JSX.Element {
  const own = text.get.repository
  const { verbs } = useYard()
  const catalog = useAsked('catalogue', (signal) => verbs.catalog({ signal }))
  const rows = rowsOf(repository, catalog.value.value)
  const chosen = chosenRow(rows, source)
  const choose = (row: (typeof rows)[number]): void => location.replace(addressOf('get', ...restOf(sourceFor(source, row))))
  return (
    <>
      <Facts repository={repository} />
      {rows.length === 0 ? (
        <p>{own.noModel}</p>
      ) : (
        <div class="repository-parts">
          <div class="stack">
            {repository.recommendation !== undefined && <p class="name">{shown(repository.recommendation)}</p>}
            <QuantizationTable rows={rows} chosen={chosen} onChoose={choose} />
            <Beside repository={repository} />
          </div>
          {chosen || source.quantization !== undefined || source.file !== undefined ? (
            <PlanCard source={chosen ? sourceFor(source, chosen) : source} onStarted={toJobs} />
          ) : (
            <p class="muted">{text.get.plan.choose}</p>
          )}
        </div>
      )}
    </>
  )
}

function Facts({ repository }: { readonly repository: HubRepository }): JSX.Element {
  const own = text.get.repository
  const page = safeLink(repository.url)
  const facts: ComponentChildren[] = factsOf(repository)
  return (
    <p class="hub-facts muted">
      {facts.map((one, index) => (
        <span key={index}>{one}</span>
      ))}
      {repository.gated !== false && (
        <Mark tone="warn">
          {text.get.hub.gated}, {own.gated[repository.gated]}
        </Mark>
      )}
      {page !== undefined && (
        <a href={page} rel="noreferrer noopener" target="_blank">
          {own.page}
        </a>
      )}
    </p>
  )
}

/** What comes with a model, or could. */
function Beside({ repository: { projectors, drafts } }: { readonly repository: HubRepository }): JSX.Element | null {
  const own = text.get.repository
  if (projectors.length + drafts.length === 0) return null
  const [first] = projectors
  return (
    <ul class="small muted beside">
      {first && projectors.length === 1 && <li class="name">{own.projector(shown(first.path, 200), sizeText(first.bytes))}</li>}
      {projectors.length > 1 && (
        <li>
          <details>
            <summary>{own.projectors(projectors.length)}</summary>
            {projectors.slice(0, 50).map(({ path, bytes }) => (
              <div key={path} class="name">
                {own.projector(shown(path, 200), sizeText(bytes))}
              </div>
            ))}
          </details>
        </li>
      )}
      {drafts.length > 0 && <li>{own.drafts(drafts.length)}</li>}
    </ul>
  )
}
