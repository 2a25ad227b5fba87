/** What the models of each engine and all together take on disk, and how exactly that is known. */
import type { JSX } from 'preact'
import type { Model } from '../../sdk.ts'
import { sizeText } from '../../text/numbers.ts'
import { text } from '../../text/text.ts'
import { type Total, totalOf, totalsOf } from './totals.ts'

export function DiskTotals({ models }: { readonly models: readonly Model[] }): JSX.Element {
  const words = text.models.total
  const totals = totalsOf(models)
  return (
    <section class="disk-totals" aria-label={words.title}>
      <ul class="plain">
        {totals.map(({ provider, total }) => (
          <li key={provider}>
            <span class="name">{provider}</span> <span class="number muted">{totalText(total)}</span>
          </li>
        ))}
        {totals.length > 1 && (
          <li>
            <strong>{words.title}</strong> <span class="number">{totalText(totalOf(models))}</span>
          </li>
        )}
      </ul>
      <p class="small muted">{words.why}</p>
    </section>
  )
}

function totalText({ count, bytes, unknown }: Total): string {
  const words = text.models.total
  const known = words.of(words.models(count), words.atMost(sizeText(bytes)))
  return unknown === 0 ? known : `${known} ${words.unknown(unknown)}`
}
