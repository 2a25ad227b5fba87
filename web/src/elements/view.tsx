/** What an element shows around its part: that it waits for its token, that it was refused, that nothing answers. */
import type { ReadonlySignal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { ConnectionNote } from '../frame/connection-note.tsx'
import type { ModelyardError } from '../sdk.ts'
import { text } from '../text/text.ts'
import { Announcer } from '../ui/announcer.tsx'
import { ErrorNote } from '../ui/note.tsx'
import { type Place, PlaceContext } from '../ui/place.ts'
import { YardContext } from '../yard/context.ts'
import type { YardView } from '../yard/yard.ts'

export type Shown =
  /** For the host: no address, or no token. */
  | { readonly state: 'waiting' }
  | { readonly state: 'wrong'; readonly error: ModelyardError }
  | { readonly state: 'in'; readonly yard: YardView }

export interface ElementViewProps {
  readonly shown: ReadonlySignal<Shown>
  readonly place: Place
  readonly children: ComponentChildren
}

export function ElementView({ shown, place, children }: ElementViewProps): JSX.Element {
  const { value } = shown
  const isStale = value.state === 'in' && value.yard.connection.value.state === 'lost'
  return (
    <div class="yard-root" part="root" lang={text.language} data-stale={isStale || undefined}>
      {value.state === 'waiting' && <p class="muted">{text.elements.waiting}</p>}
      {value.state === 'wrong' && <ErrorNote error={value.error} title={text.elements.wrong} />}
      {value.state === 'in' && (
        <PlaceContext.Provider value={place}>
          <Inside yard={value.yard}>{children}</Inside>
        </PlaceContext.Provider>
      )}
      <Announcer />
    </div>
  )
}

function Inside({ yard, children }: { readonly yard: YardView; readonly children: ComponentChildren }): JSX.Element {
  const { value } = yard.connection
  if (value.state === 'refused') return <ErrorNote error={value.error} title={text.elements.refused} />
  if (yard.status.value === undefined) {
    if (value.state === 'lost') return <ErrorNote error={value.error} title={text.unreachable.title} onRetry={yard.retry} />
    return <div class="skeleton" role="img" aria-label={text.common.loading} />
  }
  return (
    <YardContext.Provider value={yard}>
      <ConnectionNote />
      {children}
    </YardContext.Provider>
  )
}
