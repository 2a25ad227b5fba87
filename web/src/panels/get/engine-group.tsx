/** What an engine can fetch by itself, under its own names. */
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import { addressOf } from '../../route.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { useYard } from '../../yard/context.ts'
import { type BoxReading, pullers } from './read-box.ts'
import { restOf } from './target.ts'

export function EngineGroup({ reading: { words, names } }: { readonly reading: BoxReading }): JSX.Element {
  const own = text.get.engine
  const heading = useId()
  const { providers } = useYard()
  const ready = pullers(providers.value)
  return (
    <section class="get-group" aria-labelledby={heading}>
      <div class="get-group-head">
        <h2 id={heading}>{own.title}</h2>
      </div>
      {ready.length === 0 && <p class="muted">{own.none}</p>}
      {ready.length > 0 && names.length === 0 && <p class="muted">{words === '' ? own.what : own.no}</p>}
      {names.length > 0 && (
        <ul class="engine-names">
          {names.map((one) => (
            <li key={one.from}>
              <a class="name" href={addressOf('get', ...restOf(one))}>
                {own.from(shown(one.name, 200), one.from)}
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
