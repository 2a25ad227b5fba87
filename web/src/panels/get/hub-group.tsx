/** What the Hub has, asked while a person types: a little after the last key, and only the newest question counts. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { addressOf } from '../../route.ts'
import { type HubResult, ModelyardError } from '../../sdk.ts'
import { agoText, compactText, durationText, tokensText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { now } from '../../ui/clock.ts'
import { Mark } from '../../ui/mark.tsx'
import { ErrorNote, Note } from '../../ui/note.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { useAsked } from '../../ui/use-asked.tsx'
import { useYard } from '../../yard/context.ts'
import { restOf } from './target.ts'

const pauseMs = 250
const fewestLetters = 2
const mostResults = 20

export function HubGroup({ words }: { readonly words: string }): JSX.Element {
  const own = text.get.hub
  const heading = useId()
  const asked = useAfterTyping(words)
  return (
    <section class="get-group" aria-labelledby={heading}>
      <div class="get-group-head">
        <h2 id={heading}>{own.title}</h2>
      </div>
      {asked.length < fewestLetters ? <p class="muted">{own.type}</p> : <Results words={asked} />}
    </section>
  )
}

/** What was typed, once nothing more has come for a moment. */
function useAfterTyping(words: string): string {
  const settled = useSignal(words)
  useEffect(() => {
    const timer = setTimeout(() => {
      settled.value = words
    }, pauseMs)
    return () => clearTimeout(timer)
  }, [words])
  return settled.value
}

function Results({ words }: { readonly words: string }): JSX.Element {
  const own = text.get.hub
  const { verbs } = useYard()
  const found = useAsked(`hub ${words}`, (signal) => verbs.hub.search({ words, limit: mostResults, signal }))
  const earlier = useRef<readonly HubResult[]>(undefined)
  if (found.value.value) earlier.current = found.value.value
  const error = found.error.value
  // Results of what was typed a moment ago stay until those of now are there; they are not shown as an answer to an error.
  const results = error === undefined ? (found.value.value ?? earlier.current) : undefined
  const isOld = found.value.value === undefined
  return (
    <div class="stack" aria-busy={found.asking.value}>
      {error !== undefined && <SearchError error={error} onRetry={found.again} />}
      {results === undefined && error === undefined && found.slow.value && (
        <>
          <p class="small muted">{own.asking}</p>
          <Skeleton rows={4} rowHeight={46} />
        </>
      )}
      {results?.length === 0 && !isOld && <p class="muted name">{own.none(shown(words, 80))}</p>}
      {results && results.length > 0 && (
        <ul class={`hub-results ${isOld ? 'old' : ''}`}>
          {results.map((one) => (
            <ResultRow key={one.repo} result={one} />
          ))}
        </ul>
      )}
    </div>
  )
}

function ResultRow({ result }: { readonly result: HubResult }): JSX.Element {
  const own = text.get.hub
  const { repo, gated } = result
  return (
    <li>
      <a class="name" href={addressOf('get', ...restOf({ repo }))}>
        {shown(repo, 200)}
      </a>
      <span class="small muted hub-facts">
        {factsOf(result).map((one) => (
          <span key={one}>{one}</span>
        ))}
        {gated !== false && (
          <Mark tone="warn" icon="link">
            {own.gated}
          </Mark>
        )}
      </span>
    </li>
  )
}

export function factsOf({
  parameters,
  contextLength,
  architecture,
  licence,
  downloads,
  updatedAt,
}: Omit<HubResult, 'repo' | 'gated'>): string[] {
  const own = text.get.hub
  return [
    ...(parameters === undefined ? [] : [own.parameters(compactText(parameters))]),
    ...(contextLength === undefined ? [] : [own.context(tokensText(contextLength))]),
    ...(architecture === undefined ? [] : [shown(architecture, 40)]),
    ...(licence === undefined ? [] : [text.get.repository.licence(shown(licence, 40))]),
    ...(downloads === undefined ? [] : [own.downloads(compactText(downloads))]),
    ...(updatedAt === undefined || Number.isNaN(Date.parse(updatedAt)) ? [] : [own.updated(agoText(updatedAt, now.value))]),
  ]
}

/** Not reached, asked too often, or something else in its own words. */
function SearchError({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }): JSX.Element {
  const own = text.get.hub
  const { code, details, hint } = ModelyardError.from(error)
  const wait = details?.retryAfterMs
  const title =
    code === 'hub_unreachable' || code === 'timeout'
      ? own.offline
      : code === 'rate_limited'
        ? typeof wait === 'number'
          ? own.limitedFor(durationText(wait))
          : own.limited
        : undefined
  if (title === undefined) return <ErrorNote error={error} title={own.failed} onRetry={onRetry} />
  return (
    <Note tone="warn" title={title}>
      {code !== 'rate_limited' && <p class="name muted">{hint}</p>}
      <div class="row">
        <Button onPress={onRetry}>{text.common.tryAgain}</Button>
      </div>
    </Note>
  )
}
